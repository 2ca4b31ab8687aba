/** Stands where something is to be filled in; what it is given is what can be used there. */
export function blank(what: string, ..._given: readonly unknown[]): never {
  throw new Error(`fill me in: ${what}`);
}
