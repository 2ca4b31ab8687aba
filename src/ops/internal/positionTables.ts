/**
 * Tables of what depends on positions alone: made once, and made again, longer, when more positions are asked
 * for.
 */
export class PositionTables<Table> {
  readonly #known = new Map<string, { readonly positions: number; readonly table: Table }>();

  /**
   * The table under `key` for at least so many positions. Lengths are powers of two, so that growing is rare.
   */
  get(key: string, positions: number, make: (positions: number) => Table): Table {
    const known = this.#known.get(key);
    if (known && known.positions >= positions) return known.table;
    const length = 2 ** Math.ceil(Math.log2(Math.max(64, positions)));
    const table = make(length);
    this.#known.set(key, { positions: length, table });
    return table;
  }
}
