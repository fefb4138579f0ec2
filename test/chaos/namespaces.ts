/**
 * Hosts of their own for nodes: network namespaces, each with one link to this machine. To everybody a
 * server is at 127.0.0.1 and its port, wherever it runs: each host translates the ports of the others to
 * their addresses. So a node is the same in a namespace as outside, and only its link can be cut.
 *
 * Needs root, ip, nft and nsenter.
 */
import { execFileSync, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { isAlive } from '../faults/cluster.js';
import { canRun, missing, run } from './needs.js';

export interface Namespace {
  /** Starts a command on it. */
  readonly through: readonly string[];
  /** Says which ports on it the rest of the machine may reach. */
  serve(ports: readonly number[]): void;
  /** Nothing passes its link any more, in either direction; nobody is told. */
  cut(): void;
  heal(): void;
}

export interface Namespaces {
  /** @param reach ports outside that what runs on the host may reach. */
  add(reach: readonly number[]): Namespace;
  /** Removes all of them; what ran there has to have ended. */
  close(): void;
}

/** Lets packets from and to 127.0.0.1 pass a link, which the kernel forbids. */
const routeLocalnet = (link: string): string => `/proc/sys/net/ipv4/conf/${link}/route_localnet`;
const TABLE_TIMEOUT_MS = 5_000;
const NAME = /^ll(\d+)-\d+-\d+/;

let networks = 0;
let links = 0;

/** Not `ip netns exec`: it copies the mounts, and a disk that is taken out would stay in there. */
function within(namespace: string): readonly [string, string] {
  return ['nsenter', `--net=/run/netns/${namespace}`];
}

function load(rules: string, inside: readonly string[] = []): void {
  const [command = 'nft', ...args] = [...inside, 'nft', '-f', '-'];
  execFileSync(command, args, { input: rules, stdio: 'pipe' });
}

/**
 * A table of rules on this machine that is gone with this process, however it ends. One that stayed sent what
 * came for five ports of 127.0.0.1 into nothing: now and then a test that got one of them had a device that
 * never came in.
 *
 * @returns takes it away.
 * @throws {Error} when nft does not take it.
 */
function holdTable(table: string, body: string): () => void {
  // The kernel takes away what an owner leaves; the owner is this nft, which ends with its input.
  const owner = spawn('nft', ['-i'], { stdio: ['pipe', 'ignore', 'inherit'] });
  owner.unref();
  owner.stdin.on('error', () => undefined);
  owner.stdin.write(`table ip ${table} { flags owner; ${body.replaceAll(/\s+/g, ' ')} }\n`);
  const isThere = (): boolean => canRun('nft', 'list', 'table', 'ip', table);
  const end = Date.now() + TABLE_TIMEOUT_MS;
  while (!isThere() && Date.now() < end);
  if (!isThere()) throw new Error(`nft did not take the table ${table}`);
  return () => {
    owner.kill('SIGKILL');
    const end = Date.now() + TABLE_TIMEOUT_MS;
    while (isThere() && Date.now() < end);
  };
}

/** Takes away the namespaces of processes that were killed, and with them their links. */
function sweep(): void {
  for (const line of run('ip', 'netns', 'list').split('\n')) {
    const [name, pid] = NAME.exec(line) ?? [];
    if (name !== undefined && !isAlive(Number(pid))) canRun('ip', 'netns', 'del', name);
  }
}

/** What is sent to the ports at 127.0.0.1 goes over the link; what comes over it goes to 127.0.0.1. */
function translation(link: string, own: string, other: string, ports: readonly number[]): string {
  return `
    chain out { type nat hook output priority -100; ip daddr 127.0.0.1 tcp dport { ${ports.join(', ')} } dnat to ${other}; };
    chain in { type nat hook prerouting priority -100; iifname "${link}" ip daddr ${own} tcp dport 1-65535 dnat to 127.0.0.1; };
    chain back { type nat hook postrouting priority 100; oifname "${link}" masquerade; };
  `;
}

const SILENCE = `table ip cut {
  chain in { type filter hook input priority 0; iifname "eth0" drop; }
  chain out { type filter hook output priority 0; oifname "eth0" drop; }
}`;

/** Namespaces that exist: they outlive a process that does not take them away. */
const open = new Set<() => void>();
process.once('exit', () => {
  for (const close of open) close();
});

/** True where nodes can have hosts of their own. */
export function canIsolate(): boolean {
  return missing(['root', 'ip', 'nft', 'nsenter']).length === 0;
}

export function openNamespaces(): Namespaces {
  networks += 1;
  const name = `ll${process.pid}-${networks}`;
  sweep();
  const undo: (() => void)[] = [];
  const close = (): void => {
    open.delete(close);
    const failures: unknown[] = [];
    for (const step of undo.splice(0).reverse()) {
      try {
        step();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'a network namespace is left');
  };
  open.add(close);

  function add(reach: readonly number[]): Namespace {
    const namespace = `${name}-${undo.length}`;
    links += 1;
    const link = `ll${process.pid}v${links}`;
    // A private range that hardly a machine uses, and four addresses for each link.
    const subnet = `10.213.${(process.pid + networks) % 256}.${(undo.length * 4) % 256}`.split('.');
    const address = (last: number): string => [...subnet.slice(0, 3), Number(subnet[3]) + last].join('.');
    const [near, far] = [address(1), address(2)];
    const inside = within(namespace);
    run('ip', 'netns', 'add', namespace);
    undo.push(() => run('ip', 'netns', 'del', namespace));
    run('ip', 'link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace);
    // With the namespace it would go, too, but only when the last connection in there is forgotten.
    undo.push(() => run('ip', 'link', 'del', link));
    run('ip', 'addr', 'add', `${near}/30`, 'dev', link);
    writeFileSync(routeLocalnet(link), '1');
    run('ip', 'link', 'set', link, 'up');
    run('ip', '-n', namespace, 'addr', 'add', `${far}/30`, 'dev', 'eth0');
    for (const one of ['eth0', 'lo']) run('ip', '-n', namespace, 'link', 'set', one, 'up');
    run(...inside, 'sh', '-c', `echo 1 > ${routeLocalnet('all')}`);
    load(`table ip hosts { ${translation('eth0', far, near, reach)} }`, inside);
    let isCut = false;
    return {
      through: inside,
      serve(ports) {
        undo.push(holdTable(`hosts_${link}`, translation(link, near, far, ports)));
      },
      cut() {
        load(SILENCE, inside);
        isCut = true;
      },
      heal() {
        if (isCut) run(...inside, 'nft', 'delete', 'table', 'ip', 'cut');
        isCut = false;
      },
    };
  }
  return { add, close };
}
