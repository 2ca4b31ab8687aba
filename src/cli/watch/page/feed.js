/**
 * The lines of a file that grows, read in portions. A file that another has taken the place of is read from
 * its beginning.
 */
export class Feed {
  #address;
  #version = '';
  #next = 0;

  /** @param {string} address */
  constructor(address) {
    this.#address = address;
  }

  /**
   * What is new, and whether it begins the file anew.
   *
   * @returns {Promise<{ fresh: boolean, lines: unknown[] }>}
   */
  async poll() {
    const response = await fetch(`${this.#address}?from=${this.#next}&version=${this.#version}`);
    if (!response.ok) throw new Error(`the server answers ${response.status}`);
    const bytes = await response.arrayBuffer();
    const [version, from] = [response.headers.get('X-Version') ?? '', Number(response.headers.get('X-From'))];
    const fresh = version !== this.#version || from !== this.#next;
    this.#version = version;
    this.#next = from + bytes.byteLength;
    return { fresh, lines: parsed(new TextDecoder().decode(bytes)) };
  }
}

/** @param {string} text */
function parsed(text) {
  return text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line)];
    } catch {
      return []; // torn by a crash, or empty
    }
  });
}
