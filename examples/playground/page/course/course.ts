/** The course: a lesson's text, the file with its blanks, and the check that says when it is done. */
import type { Outcome } from '../../../learn/support/check.ts';
import { element } from '../dom.ts';
import { keep, kept } from './kept.ts';
import { type Lesson, lessons } from './lessons.ts';
import { lessonText } from './text.ts';
import type { Answer } from './worker.ts';

export class Course {
  readonly #list = element('ol');
  readonly #text = element('article.card', { tabIndex: -1 });
  readonly #name = element('small');
  readonly #file = element('textarea', {
    spellcheck: false,
    autocapitalize: 'off',
    'aria-label': 'Your file',
  });
  readonly #check = element('button.primary', { type: 'button' }, 'Check');
  readonly #outcome = element('div.outcome', { role: 'status' });
  #lesson: Lesson = lessons[0]!;
  #worker: Worker | null = null;

  constructor(home: HTMLElement) {
    const again = element('button', { type: 'button', onclick: () => this.#begin() }, 'Start over');
    const task = element(
      'section.card.task',
      { 'aria-label': 'Your file and its check' },
      element('h2', {}, 'Your file ', this.#name),
      this.#file,
      element('div.bar', {}, this.#check, again),
      this.#outcome,
    );
    home.append(element('nav', { 'aria-label': 'Lessons' }, this.#list), this.#text, task);
    this.#file.addEventListener('input', () => keep(this.#lesson.name, this.#file.value));
    this.#check.addEventListener('click', () => (this.#worker ? this.#stop() : this.#start()));
  }

  /** @param number of the lesson, two digits */
  open(number: string): void {
    if (number === this.#lesson.number && this.#text.hasChildNodes()) return;
    this.#stop();
    this.#lesson = lessons.find((lesson) => lesson.number === number)!;
    const { name, blank } = this.#lesson;
    this.#text.replaceChildren(...lessonText(this.#lesson));
    this.#name.textContent = `learn/${name}.ts, kept in this browser`;
    this.#file.value = kept(name) ?? blank;
    this.#file.rows = blank.split('\n').length + 3;
    this.#outcome.replaceChildren();
    this.#mark();
    this.#list.querySelector('[aria-current]')!.scrollIntoView({ block: 'nearest', inline: 'center' });
  }

  /** Shows which lesson is open and which are done. */
  #mark(): void {
    const items = lessons.map(({ number, name, title }) => {
      const isDone = kept(`${name} done`) !== null;
      const link = element('a', { href: `#lesson=${number}` }, element('b', {}, number), ` ${title}`);
      if (number === this.#lesson.number) link.setAttribute('aria-current', 'page');
      if (isDone) link.append(element('span.done', { role: 'img', 'aria-label': 'done' }, ' ✓'));
      return element('li', {}, link);
    });
    this.#list.replaceChildren(...items);
  }

  #begin(): void {
    this.#file.value = this.#lesson.blank;
    keep(this.#lesson.name, this.#lesson.blank);
    this.#outcome.replaceChildren();
  }

  /** Checks in a worker of its own, which can be stopped in the midst of a loop without an end. */
  #start(): void {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    this.#worker = worker;
    this.#check.textContent = 'Stop';
    this.#outcome.replaceChildren('Checking …');
    worker.onmessage = ({ data }: MessageEvent<Outcome>) => {
      this.#stop();
      this.#show(data);
    };
    worker.postMessage({ lesson: this.#lesson.name, text: this.#file.value } satisfies Answer);
  }

  #stop(): void {
    this.#worker?.terminate();
    this.#worker = null;
    this.#check.textContent = 'Check';
    this.#outcome.replaceChildren();
  }

  #show({ passed, failed }: Outcome): void {
    const steps = passed.map(({ step, remark }) =>
      stepRow(step, remark ? element('small', {}, ` ${remark}`) : ''),
    );
    if (failed) steps.push(stepRow(failed.step, element('p', {}, failed.message), false));
    this.#outcome.replaceChildren(element('ul.steps', {}, ...steps));
    if (failed) return;
    keep(`${this.#lesson.name} done`, 'yes');
    this.#mark();
    const next = lessons[lessons.indexOf(this.#lesson) + 1];
    const onward = next
      ? element('a', { href: `#lesson=${next.number}` }, `Next: ${next.number} ${next.title}`)
      : '';
    this.#outcome.append(element('p', {}, element('b', {}, 'Done. '), onward));
  }
}

function stepRow(step: string, note: Node | string, right = true): HTMLElement {
  const mark = element(
    'b.verdict',
    { role: 'img', 'aria-label': right ? 'right:' : 'wrong:' },
    right ? '✓' : '✗',
  );
  return element(right ? 'li.right' : 'li.wrong', {}, mark, step, note);
}
