/** A map of numbers: blue above zero, orange below, one cell for each; click or arrow keys choose one. */
import type { PicturedTensor } from '../engine/picture.ts';
import { colour, element, onRecolour } from './dom.ts';

/** The rows and columns in which a tensor is drawn, in one panel or in one for each head. */
export function layoutOf({ shape }: Pick<PicturedTensor, 'shape'>) {
  const columns = shape.at(-1) ?? 1;
  const isByHead = shape.length === 4 && shape[1]! > 1;
  const rows = isByHead ? shape[2]! : shape.slice(0, -1).reduce((product, length) => product * length, 1);
  return { columns, rows, panels: isByHead ? shape[1]! : 1 };
}

/** The size of one cell in pixels, so that a map of a parameter stays small and that of a result stays readable. */
function cellOf({ kind }: PicturedTensor, { rows, columns, panels }: ReturnType<typeof layoutOf>): number {
  const [width, height] = kind === 'parameter' ? [130, 140] : panels > 1 ? [110, 150] : [384, 160];
  return Math.max(2, Math.min(8, Math.floor(width / columns), Math.floor(height / rows)));
}

export class NumberMap {
  readonly element: HTMLElement;
  readonly #tensor: PicturedTensor;
  readonly #choose: (index: number) => void;
  readonly #canvases: HTMLCanvasElement[];
  readonly #marks: HTMLElement[];
  readonly #layout: ReturnType<typeof layoutOf>;
  #gradient = false;
  #index = 0;

  /** @param choose called with the index of a number that has been clicked or reached by a key. */
  constructor(tensor: PicturedTensor, label: string, choose: (index: number) => void) {
    this.#tensor = tensor;
    this.#choose = choose;
    this.#layout = layoutOf(tensor);
    const { rows, columns, panels } = this.#layout;
    this.#canvases = Array.from({ length: panels }, () =>
      element('canvas', { width: columns, height: rows, style: `aspect-ratio: ${columns} / ${rows}` }),
    );
    this.#marks = this.#canvases.map(() => element('i.mark', { hidden: true }));
    const cell = cellOf(tensor, this.#layout);
    const frames = this.#canvases.map((canvas, panel) => {
      const frame = element(
        'div.frame',
        { style: `width: ${columns * cell}px` },
        canvas,
        this.#marks[panel]!,
      );
      canvas.addEventListener('click', (event) => this.#clicked(panel, event));
      return frame;
    });
    this.element = element(
      'div.map',
      {
        tabIndex: 0,
        role: 'application',
        'aria-roledescription': 'map of numbers',
        'aria-label': `${label}, shape ${tensor.shape.join(' × ') || 'one number'}; arrow keys choose a number`,
      },
      ...frames,
    );
    Object.assign(this.element, { tensor }); // for whoever reads the page by a program
    this.element.addEventListener('keydown', (event) => this.#key(event));
    this.draw(false);
  }

  /** Draws the values, or the gradients. */
  draw(gradient: boolean): void {
    this.#gradient = gradient;
    const numbers = gradient ? this.#tensor.gradient : this.#tensor.values;
    const { rows, columns } = this.#layout;
    const largest = numbers?.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
    const [above, below, zero] = [rgb('above'), rgb('below'), rgb('zero')];
    for (const [panel, canvas] of this.#canvases.entries()) {
      const context = canvas.getContext('2d')!;
      const image = context.createImageData(columns, rows);
      for (let i = 0; i < rows * columns; i++) {
        const part = (numbers?.[panel * rows * columns + i] ?? 0) / largest;
        const [end, weight] = [part >= 0 ? above : below, Math.abs(part) ** 0.7];
        for (let c = 0; c < 3; c++) image.data[4 * i + c] = zero[c]! + weight * (end[c]! - zero[c]!);
        image.data[4 * i + 3] = numbers ? 255 : 0;
      }
      context.putImageData(image, 0, 0);
    }
    this.element.classList.toggle('none', numbers === null);
  }

  redraw(): void {
    this.draw(this.#gradient);
  }

  /** Shows a number as the chosen one; null: none of this map. */
  mark(index: number | null): void {
    const { rows, columns } = this.#layout;
    if (index !== null) this.#index = index;
    for (const [panel, mark] of this.#marks.entries()) {
      const inside = index === null ? -1 : index - panel * rows * columns;
      mark.hidden = inside < 0 || inside >= rows * columns;
      const [row, column] = [Math.floor(inside / columns), inside % columns];
      mark.style.cssText = `left: ${(100 * column) / columns}%; top: ${(100 * row) / rows}%; width: ${100 / columns}%; height: ${100 / rows}%`;
    }
  }

  #clicked(panel: number, { offsetX, offsetY, currentTarget }: MouseEvent): void {
    const { clientWidth, clientHeight } = currentTarget as HTMLCanvasElement;
    const { rows, columns } = this.#layout;
    const column = Math.min(columns - 1, Math.max(0, Math.floor((offsetX / clientWidth) * columns)));
    const row = Math.min(rows - 1, Math.max(0, Math.floor((offsetY / clientHeight) * rows)));
    this.#choose((panel * rows + row) * columns + column);
  }

  #key(event: KeyboardEvent): void {
    const moves: Record<string, number> = {
      ArrowLeft: -1,
      ArrowRight: 1,
      ArrowUp: -this.#layout.columns,
      ArrowDown: this.#layout.columns,
      Enter: 0,
    };
    const move = moves[event.key];
    if (move === undefined) return;
    event.preventDefault();
    const next = this.#index + move;
    if (next >= 0 && next < this.#tensor.values.length) this.#choose(next);
  }
}

/** Maps are drawn anew when the page turns dark or light. */
export function followColours(maps: () => Iterable<NumberMap>): void {
  onRecolour(() => {
    for (const map of maps()) map.redraw();
  });
}

function rgb(name: string): number[] {
  const hex = colour(name).replace('#', '');
  return [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
}
