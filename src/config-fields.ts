/** Builders of the configuration schema's nodes. */
import Type from 'typebox';

/** An object that refuses unknown keys. */
export const closed = { additionalProperties: false } as const;
/** A section that may be left out as a whole: then all its keys take their defaults. */
export const section = { ...closed, default: {} } as const;

/** A whole number between two limits, both allowed. */
export function integer(fallback: number, minimum: number, maximum: number, description: string) {
  return Type.Integer({ default: fallback, minimum, maximum, description });
}

/** Any text. */
export function text(fallback: string, description: string) {
  return Type.String({ default: fallback, description });
}

/** True or false. */
export function flag(fallback: boolean, description: string) {
  return Type.Boolean({ default: fallback, description });
}

/** One of a few words. */
export function choice<const T extends readonly string[]>(
  values: T,
  fallback: T[number],
  description: string,
) {
  return Type.Enum([...values] as T[number][], { default: fallback, description });
}

/** A TCP port; 0 takes a free one. */
export const port = (fallback: number, description: string) => integer(fallback, 0, 65_535, description);
