import { check, display, type Tensor } from '../tensor/index.ts';
import { type Layer, Module } from './module.ts';

/** A list of modules; its parameters are named by index. */
export class ModuleList<M extends Module> extends Module implements Iterable<M> {
  readonly items: M[];

  constructor(items: Iterable<M>) {
    super();
    check(items?.[Symbol.iterator] !== undefined, 'ModuleList', 'its items are a list of modules', () =>
      display(items),
    );
    this.items = [...items];
    const stranger = this.items.find((item) => !(item instanceof Module));
    check(
      stranger === undefined,
      this.constructor.name,
      'its items are modules',
      () => display(stranger),
      () => 'a function becomes one by new Activation(f)',
    );
  }

  override children(): [string, Module][] {
    return this.items.map((item, i) => [String(i), item]);
  }

  get length(): number {
    return this.items.length;
  }

  at(index: number): M | undefined {
    return this.items.at(index);
  }

  [Symbol.iterator](): Iterator<M> {
    return this.items[Symbol.iterator]();
  }
}

/** A chain of layers: each gets what the one before it returns. */
export class Sequential extends ModuleList<Layer> {
  constructor(...layers: Layer[]) {
    super(layers);
  }

  forward(x: Tensor): Tensor {
    return this.items.reduce((value, layer) => layer.forward(value), x);
  }
}
