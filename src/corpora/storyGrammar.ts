/**
 * How a story is told: an opening with a person, a place and a thing found there; perhaps what was felt or
 * seen; what became of the thing; perhaps an end. What a model must remember: whether it is he or she, the
 * place (it decides what can be found and seen there), and the thing. Each text has one derivation only, so
 * the entropy of the grammar is that of the text.
 */
import { draw, maybe, oneOf, phrase, say, words } from './grammar.ts';
import * as list from './storyWords.ts';

const person = draw('person', [], () => list.people);
const place = draw('place', [], () => list.places);
const thing = draw('thing', [place], ({ things }) => things);
const sight = draw('sight', [place], ({ sights }) => sights);

const name = say([person], (p) => p.name);
const he = say([person], (p) => p.he);
const He = say([person], (p) => capital(p.he));
const his = say([person], (p) => p.his);
const him = say([person], (p) => p.him);
const child = say([person], (p) => p.child);
const placeName = say([place], (p) => p.name);
const it = say([thing], (noun) => noun);

const look = oneOf(...list.looks);
const aLook = oneOf(...list.looks.map(withArticle));
const mood = words(list.moods);
const moods = phrase`${mood} and ${mood}`;
const food = phrase`${look} ${words(list.foods)}`;
const animals = phrase`${words(list.numbers)} ${words(list.colors)} ${words(list.animals)}s`;
const relative = phrase`${his} ${mood} ${words(list.relatives)}`;

const aThing = phrase`${aLook}${maybe(0.5, phrase` ${words(list.colors)}`)} ${it}`;

const impression = oneOf(
  phrase` ${He} was ${moods}.`,
  phrase` It was ${look}.`,
  phrase`${sight} The ${say([sight], (waves) => waves)} ${look}.`,
  '',
);

const fate = oneOf(
  phrase` ${He} gave ${relative} the ${it}.`,
  phrase` ${He} hid the ${it} in ${aLook} ${words(list.furniture)}.`,
  phrase` ${He} sold the ${it} for ${food}.`,
  phrase` The ${it} made ${him} ${moods}.`,
);

const end = oneOf(
  phrase` Then ${he} ate ${food} and ${food}.`,
  phrase` ${He} had ${food} and ${words(list.drinks)}.`,
  phrase` ${He} dreamed of ${animals}.`,
  phrase` Then ${he} ${words(list.went)} home.`,
  '',
);

const rest = phrase`${impression}${fate}${end}\n`;
const findThere = phrase`${place}${thing}${words(list.found)} ${aThing} at the ${placeName}.${rest}`;

export const story = phrase`${person}${oneOf(
  phrase`One ${words(list.times)}, ${name} ${findThere}`,
  phrase`${name} was a ${mood} ${child}. ${He} ${findThere}`,
  phrase`${name} kept ${animals}. ${He} ${findThere}`,
  phrase`${name} and ${relative} ${findThere}`,
  phrase`${name} came to ${place}the ${placeName}. There ${he} ${words(list.found)} ${thing}${aThing}.${rest}`,
)}`;

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function withArticle(word: string): string {
  return `${/^[aeiou]/.test(word) ? 'an' : 'a'} ${word}`;
}
