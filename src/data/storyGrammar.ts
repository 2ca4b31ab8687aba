/**
 * How a story is told: an opening with a person and a place, a find, perhaps how it felt or looked, what became of the
 * find, perhaps an end. What a model must remember: he or she, the name, the place (it decides what can be found and
 * seen), and the thing. Each text has one derivation, so the entropy of the grammar is that of the text.
 */
import { draw, maybe, mix, oneOf, phrase, type Rule, say, words } from './grammar.ts';
import * as list from './storyWords.ts';

const person = draw('person', [], () => list.people);
const place = draw('place', [], () => list.places);
const thing = draw('thing', [place], ({ things }) => things);
const sight = draw('sight', [place], ({ sights }) => sights);
const look = draw('look', [], () => list.looks);

const name = say([person], (p) => p.name);
const he = say([person], (p) => p.he);
const He = say([person], (p) => capital(p.he));
const his = say([person], (p) => p.his);
const him = say([person], (p) => p.him);
const child = say([person], (p) => p.child);
const placeName = say([place], (p) => p.name);
const it = say([thing], (noun) => noun);
const aThing = say([thing], (noun) => withArticle(noun));
const aLook = phrase`${look}${say([look], (adjective) => withArticle(adjective))}`;

const anyLook = oneOf(...list.looks);
const color = words(list.colors);
const mood = words(list.moods);
const animals = phrase`${color} ${words(list.animals)}s`;
const food = phrase`${anyLook} ${words(list.foods)}`;
const relative = phrase`${his} ${mood} ${words(list.relatives)}`;
const went = words(list.went);
const found = words(list.found);

/** From the find to the end of the story; `Who` begins its sentence, `who` stands within it. */
const rest = (Who: Rule, who: Rule): Rule => phrase`${thing}${find(Who, who)}${view}${fate}${end}\n`;

const find = (Who: Rule, who: Rule): Rule =>
  oneOf(
    phrase` ${Who} ${found} ${aLook}${maybe(0.5, phrase` ${color}`)} ${it}.`,
    phrase` There ${who} ${found} ${aLook}${maybe(0.5, phrase` ${color}`)} ${it}.`,
    phrase` ${Who} ${found} ${aThing} and was ${mood}.`,
  );

const view = oneOf(phrase` ${He} was ${mood}.`, phrase`${sight} The ${say([sight], (s) => s)} ${anyLook}.`, '');

const fate = mix(
  [2, phrase` ${He} gave ${relative} the ${it}.`],
  [2, phrase` ${He} hid the ${it} in a ${color} ${words(list.furniture)}.`],
  [2, phrase` ${He} sold the ${it} for ${food}.`],
  [2, phrase` The ${it} made ${him} ${mood}.`],
  [1, phrase` ${He} left the ${placeName} with the ${it}.`],
);

const end = oneOf(
  phrase` Then ${name} ate ${food} and ${food}.`,
  phrase` ${He} dreamed of ${animals}.`,
  phrase` ${He} had ${food} and ${words(list.drinks)}.`,
  '',
);

export const story = oneOf(
  phrase`${person}One ${words(list.times)}, ${name} ${went} to ${place}the ${placeName}.${rest(He, he)}`,
  phrase`${person}${name} was a ${mood} ${child} from ${place}the ${placeName}.${rest(He, he)}`,
  phrase`${place}The ${placeName} was ${anyLook}.${person}${rest(name, name)}`,
  phrase`${person}${name} and ${relative} ${went} to ${place}the ${placeName}.${rest(He, he)}`,
  phrase`${person}${name} kept ${words(list.numbers)} ${animals} at ${place}the ${placeName}.${rest(He, he)}`,
);

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function withArticle(word: string): string {
  return `${/^[aeiou]/.test(word) ? 'an' : 'a'} ${word}`;
}
