/** Cuts, breaks and thins the links to a port of this machine, by packet filter. Needs root. */
import { run } from './needs.js';

export interface PortFilter {
  /** Nothing passes any more, in either direction; nobody is told. */
  cut(): void;
  /** So many of a hundred packets are lost, in each direction. */
  lose(percent: number): void;
  /** All passes again. */
  heal(): void;
}

let tables = 0;

/** Filters that are in force: they outlive a process that does not take them away. */
const inForce = new Set<() => void>();
process.once('exit', () => {
  for (const heal of inForce) heal();
});

/** @param ports of servers on this machine, or of single connections to them. */
export function filterPorts(ports: readonly number[]): PortFilter {
  tables += 1;
  const table = `longlink_chaos_${process.pid}_${tables}`;
  const list = ports.join(', ');

  function filter(what: string): void {
    heal();
    run('nft', 'add', 'table', 'inet', table);
    inForce.add(heal);
    run('nft', `add chain inet ${table} in { type filter hook input priority 0 ; }`);
    for (const side of ['dport', 'sport'])
      run('nft', `add rule inet ${table} in tcp ${side} { ${list} } ${what}`);
  }

  function heal(): void {
    if (inForce.delete(heal)) run('nft', 'delete', 'table', 'inet', table);
  }

  return {
    cut: () => filter('drop'),
    lose: (percent) => filter(`numgen random mod 100 < ${percent} drop`),
    heal,
  };
}

/** Every connection to the port ends with a reset, on both sides. */
export function resetConnections(port: number): void {
  run('ss', '-K', 'state', 'established', `( sport = :${port} or dport = :${port} )`);
}
