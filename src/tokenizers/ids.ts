/** An Int32Array that grows. */
export class Ids {
  #ids: Int32Array;
  #count = 0;

  constructor(guess: number) {
    this.#ids = new Int32Array(guess);
  }

  push(ids: readonly number[]): void {
    if (this.#count + ids.length > this.#ids.length) {
      const larger = new Int32Array(2 * (this.#count + ids.length));
      larger.set(this.#ids);
      this.#ids = larger;
    }
    for (const id of ids) this.#ids[this.#count++] = id;
  }

  array(): Int32Array {
    return this.#ids.slice(0, this.#count);
  }
}
