/** The views, one of which is shown; arrow keys go from tab to tab. */
import { byId } from './dom.ts';

export class Tabs {
  readonly #views: readonly string[];
  readonly #shown: (view: string) => void;
  current: string;

  constructor(views: readonly string[], shown: (view: string) => void) {
    this.#views = views;
    this.#shown = shown;
    this.current = views[0]!;
    for (const view of views) {
      const tab = byId(`tab-${view}`);
      tab.addEventListener('click', () => this.show(view));
      tab.addEventListener('keydown', ({ key }) => {
        const step = key === 'ArrowRight' ? 1 : key === 'ArrowLeft' ? -1 : 0;
        if (step === 0) return;
        const next = views[(views.indexOf(view) + step + views.length) % views.length]!;
        this.show(next);
        byId(`tab-${next}`).focus();
      });
    }
    this.#mark();
  }

  show(view: string): void {
    this.current = view;
    this.#mark();
    this.#shown(view);
  }

  #mark(): void {
    for (const view of this.#views) {
      const isCurrent = view === this.current;
      const tab = byId(`tab-${view}`);
      tab.setAttribute('aria-selected', `${isCurrent}`);
      tab.tabIndex = isCurrent ? 0 : -1;
      byId(view).hidden = !isCurrent;
    }
    document.body.dataset.view = this.current;
  }
}
