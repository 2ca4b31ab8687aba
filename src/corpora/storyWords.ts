/**
 * The people, places and words of the stories; storyGrammar.ts puts them together. Within a list all are
 * equally likely.
 */
import { splitWords } from './grammar.ts';

export interface Person {
  readonly name: string;
  readonly he: 'he' | 'she';
  readonly his: 'his' | 'her';
  readonly him: 'him' | 'her';
  readonly child: 'boy' | 'girl';
}

const girl = (name: string): Person => ({ name, he: 'she', his: 'her', him: 'her', child: 'girl' });
const boy = (name: string): Person => ({ name, he: 'he', his: 'his', him: 'him', child: 'boy' });

export const people: readonly Person[] = [
  ...splitWords(
    'Anna Bella Clara Dora Ella Fiona Gina Hanna Ida Julia Kira Lola Mia Nora Olga Paula Rosa Sara Tina Vera',
  ).map(girl),
  ...splitWords(
    'Adam Ben Carl Dan Eric Finn Gus Hugo Ivan Jack Kurt Leo Max Ned Otto Pete Rob Sam Tom Will',
  ).map(boy),
];

export interface Place {
  readonly name: string;
  /** What can be found there. No two places share a thing. */
  readonly things: readonly string[];
  /** What can be noticed there: 'waves were'. */
  readonly sights: readonly string[];
}

const place = (name: string, things: string, ...sights: string[]): Place => ({
  name,
  things: splitWords(things),
  sights,
});

export const places: readonly Place[] = [
  place('lake', 'shell crab boat frog', 'waves were', 'sand was', 'ducks were'),
  place('farm', 'egg plow hen whip', 'cows were', 'hay was', 'mud was'),
  place('park', 'ball kite drum swing', 'grass was', 'band was', 'bench was'),
  place('yard', 'rose snail pot worm', 'bees were', 'lawn was', 'fence was'),
  place('shop', 'cup ring vase lamp', 'shelf was', 'clerk was', 'prices were'),
  place('castle', 'key flag helmet throne', 'walls were', 'king was', 'tower was'),
  place('cave', 'gem bone torch map', 'rocks were', 'bats were', 'tunnel was'),
  place('camp', 'acorn nest owl log', 'trees were', 'moss was', 'leaves were'),
];

export const looks = splitWords(
  'big tiny huge old new odd soft warm cold wet dry nice fine rare neat flat round long thin fat shiny dusty plain light heavy cute good clean pretty fresh little fancy muddy smooth shabby',
);
export const colors = 'red blue green gray pink gold black white brown teal';
export const numbers = 'two three four five six seven eight nine ten';
export const moods =
  'happy sad glad shy kind calm brave mad proud wise fair lazy busy funny quick tired merry bold wild sleepy hungry lucky lonely silly jolly gentle quiet clever honest noisy polite careful cheerful nervous';
export const relatives =
  'mom dad sister brother aunt uncle granny cousin friend twin nurse boss teacher neighbor';
export const animals =
  'cat dog bear lion goat tiger rabbit dragon whale giant pirate knight horse bird pig hawk snake robot ghost duke queen clown eagle lizard turtle panda monkey penguin';
export const foods =
  'plums rice bread soup cake corn pears nuts beans toast jam figs eggs peas ham honey dates limes grapes cheese pasta stew melons cookies waffles pizza butter onions';
export const drinks = 'milk tea water juice cocoa cider coffee';
export const times = 'morning day evening night summer winter spring autumn weekend holiday';
export const furniture = 'bed desk chair bag box coat shirt drawer pillow sock shoe tent trunk basket barrel';
export const went = 'went ran walked rode came hurried drove flew';
export const found =
  'found saw got lost made drew bought took fixed liked washed broke stole picked wanted loved moved held chose cleaned painted needed dropped';
