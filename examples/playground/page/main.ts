/** The page: views, the run in the address, play, pause, one step, reset. */
import { linkOf, runOf } from '../engine/link.ts';
import { initialRun, type Run } from '../engine/run.ts';
import type { News } from '../engine/service.ts';
import { Bench } from './bench.ts';
import { Client } from './client.ts';
import type { Course } from './course/course.ts';
import { byId, element, short, whole } from './dom.ts';
import { Form } from './form.ts';
import { Look } from './look.ts';
import { LossChart } from './lossChart.ts';
import { addSamples, clearSamples } from './samples.ts';
import { Tabs } from './tabs.ts';

const client = new Client(hear);
const form = new Form(byId('settings'), (name, value) => {
  if (value instanceof Error) return trouble(value);
  void start({ ...run, [name]: value });
});
const chart = new LossChart();
const look = new Look(byId('look'), client, trouble);
const bench = new Bench(byId('bench'));
const tabs = new Tabs(['train', 'look', 'bench', 'course'], (view) => {
  if (view === 'look') void starting.then(pause).then(() => look.show());
  if (view === 'bench') bench.show();
  if (view === 'course') void openLesson();
  showAddress();
});
const [play, step, reset] = ['play', 'step', 'reset'].map((id) => byId<HTMLButtonElement>(id)) as [
  HTMLButtonElement,
  HTMLButtonElement,
  HTMLButtonElement,
];

let run: Run = initialRun;
/** Kept when the newest run can be trained; a former one that was not yet ready is forgotten. */
let starting: Promise<void> = Promise.resolve();
let course: Promise<Course> | null = null;
let lesson = '01';
let playing: Promise<unknown> | null = null;
let [steps, since, at] = [0, 0, 0];

function trouble(error: unknown): void {
  const box = byId('trouble');
  box.hidden = error === null;
  box.textContent = error instanceof Error ? error.message : '';
}

function start(wanted: Run): Promise<void> {
  starting = begin(wanted);
  return starting;
}

async function begin(wanted: Run): Promise<void> {
  trouble(null);
  run = wanted;
  form.show(run);
  showAddress();
  for (const button of [play, step, reset]) button.disabled = true;
  try {
    const about = await client.ask('start', wanted);
    if (run !== wanted) return; // another one has been asked for since
    chart.start(about);
    clearSamples();
    steps = 0;
    showNumbers(null);
    byId('about').textContent =
      `${whole(about.parameters)} parameters · kernels: ${about.backend.split(';')[0]} · everything runs in this page; nothing is sent anywhere.`;
    for (const button of [play, step, reset]) button.disabled = false;
    look.forget();
    if (tabs.current === 'look') await look.show();
  } catch (error) {
    trouble(error);
  }
}

/** The address is that of the run, or of the lesson that is read. */
function showAddress(): void {
  const address = tabs.current === 'course' ? `#lesson=${lesson}` : linkOf(run);
  if (address !== (location.hash || '#')) history.replaceState(null, '', address);
}

async function openLesson(): Promise<void> {
  course ??= import('./course/course.ts').then(({ Course }) => new Course(byId('course')));
  (await course).open(lesson);
}

function hear(news: News): void {
  if (news.kind === 'samples') return addSamples(news.step, news.samples);
  chart.add(news.steps);
  const last = news.steps.at(-1)!;
  steps = last.step;
  showNumbers(last.loss);
}

function showNumbers(loss: number | null): void {
  const speed = playing && steps > at ? (1000 * (steps - at)) / (performance.now() - since) : null;
  const pairs = [
    ['step', `${whole(steps)} / ${whole(run.steps)}`],
    ['loss', loss === null ? '–' : short(Number(loss.toFixed(4)))],
    ['steps/s', speed === null ? '–' : short(Number(speed.toFixed(1)))],
  ] as const;
  byId('numbers').replaceChildren(
    ...pairs.map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, value))),
  );
  document.documentElement.dataset.step = `${steps}`;
}

async function toggle(): Promise<void> {
  if (playing) return pause();
  [since, at] = [performance.now(), steps];
  play.textContent = 'Pause';
  step.disabled = true;
  playing = client.ask('advance', Number.POSITIVE_INFINITY).catch(trouble);
  await playing;
  playing = null;
  play.textContent = 'Play';
  step.disabled = false;
}

async function pause(): Promise<void> {
  if (!playing) return;
  await client.ask('pause');
  await playing;
}

/** One step; where one looks inside, with all that it did. */
async function oneStep(): Promise<void> {
  await pause();
  step.disabled = true;
  try {
    const updates = await client.ask('update');
    look.updated(updates);
    if (tabs.current === 'look') await look.show();
  } catch (error) {
    trouble(error);
  }
  step.disabled = false;
}

play.addEventListener('click', () => void toggle());
step.addEventListener('click', () => void oneStep());
reset.addEventListener('click', () => void start(run));
byId('link').addEventListener('click', async ({ currentTarget }) => {
  const button = currentTarget as HTMLButtonElement;
  await navigator.clipboard?.writeText(location.href).catch(() => {});
  button.textContent = 'The address is the run';
  setTimeout(() => {
    button.textContent = 'Copy link';
  }, 2000);
});

function follow(): void {
  const { hash } = location;
  const [, asked] = /^#lesson=(0[1-9]|1[0-2])$/.exec(hash) ?? [];
  if (asked) {
    lesson = asked;
    tabs.show('course');
    return scrollTo(0, 0);
  }
  if (tabs.current === 'course') tabs.show('train');
  try {
    void start(runOf(hash));
  } catch (error) {
    void start(initialRun).then(() => trouble(error));
  }
}
addEventListener('hashchange', follow);
follow();
if (tabs.current === 'course') void start(run); // so that the other views are ready
