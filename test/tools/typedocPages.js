/**
 * What the site of `npm run docs` has that TypeDoc does not do by itself: formulas stay as they are, ops are
 * functions, pages are called by their heading, modules as they are imported, and icons are found without a
 * server.
 */

/**
 * @typedef {{ kind: string, text: string }} Part
 * @typedef {{ modifierTags: Set<string>, summary: Part[], blockTags: { content: Part[] }[] }} Comment
 * @typedef {{ name: string, kind: number, comment?: Comment, content?: Part[], parameters?: Argument[] }} Reflection
 * @typedef {{ elements?: { name: string, element: Type, isOptional: boolean }[] }} Type
 * @typedef {Reflection & { type?: Type, flags: { isRest: boolean }, setFlag(flag: number, is: boolean): void }} Argument
 * @typedef {{
 *   getReflectionsByKind(kind: number): Reflection[],
 *   registerReflection(reflection: Reflection): void,
 *   removeReflection(reflection: Reflection): void,
 *   reflections: Record<number, Reflection>,
 *   children?: Reflection[],
 * }} Project
 * @typedef {{
 *   project: Project,
 *   checker: { getTypeOfSymbol(symbol: object): { getCallSignatures(): unknown[] } },
 *   getComment(symbol: object, kind: number): Comment | undefined,
 * }} Context
 * @typedef {{
 *   converter: { on(event: string, listener: (context: Context, document: Reflection) => void): void },
 *   renderer: { on(event: string, listener: (page: { contents: string }) => void): void },
 * }} Application
 */

/** Lines that a comment sets in, after an empty line, are formulas or code. */
const setIn = /(^|\n\n)((?: {2,}\S.*(?:\n+|$))+)/g;

/** @param {string} text */
export function withFormulas(text) {
  return text.replace(
    setIn,
    (_, before, lines) => `${before}\`\`\`text\n${flush(lines.trimEnd())}\n\`\`\`\n\n`,
  );
}

/** Lines that begin at the left, as far as all have room there. @param {string} lines */
function flush(lines) {
  const room = Math.min(...lines.split('\n').map((line) => (line.trim() ? line.search(/\S/) : 99)));
  return lines.replace(new RegExp(`^ {${room}}`, 'gm'), '');
}

/** @param {Reflection} reflection */
function keepFormulas({ comment }) {
  for (const parts of [comment?.summary ?? [], ...(comment?.blockTags ?? []).map(({ content }) => content)])
    for (const part of parts) if (part.kind === 'text') part.text = withFormulas(part.text);
}

/** A name may not have a slash, which would be a folder. @param {Reflection} page */
function nameByHeading(page) {
  const [, title] = /^# (.*)\n/.exec(page.content?.[0]?.text ?? '') ?? [];
  if (title) page.name = title.replace(/: .*\/.*/, '');
}

/** 'src/nn' and 'models' → 'scratchformer/nn' and 'scratchformer/models'. @param {Reflection} module */
function nameByImport(module) {
  module.name = `scratchformer/${module.name}`.replace('/src', '');
}

/** TypeDoc's numbers for constants, for signatures, and for what may be left out. */
const [VARIABLE, SIGNATURE, OPTIONAL] = [32, 4096, 32];

/** A constant that can be called, as `defineOp` makes it, is a function. @param {Context} context */
function callFunctions(context) {
  const prototype = Object.getPrototypeOf(context);
  const { getComment } = prototype;
  /** @this {Context} @param {object} symbol @param {number} kind */
  prototype.getComment = function (symbol, kind) {
    const comment = getComment.call(this, symbol, kind);
    const isCalled = this.checker.getTypeOfSymbol(symbol).getCallSignatures().length > 0;
    if (kind === VARIABLE && isCalled) comment?.modifierTags.add('@function'); // as if it stood there
    return comment;
  };
}

/** An op's `...args`, a list with a name for each, become its parameters. @param {Project} project */
function nameArguments(project) {
  for (const signature of project.getReflectionsByKind(SIGNATURE)) {
    const [args] = signature.parameters ?? [];
    if (!args?.flags.isRest || !args.type?.elements?.every(({ name }) => name)) continue;
    const Parameter = /** @type {new (name: string, kind: number, parent: Reflection) => Argument} */ (
      args.constructor
    );
    project.removeReflection(args);
    signature.parameters = args.type.elements.map(({ name, element, isOptional }) => {
      const parameter = new Parameter(name, args.kind, signature);
      parameter.type = element;
      parameter.setFlag(OPTIONAL, isOptional);
      project.registerReflection(parameter);
      return parameter;
    });
  }
}

/** TypeDoc calls this. @param {Application} app */
export function load({ converter, renderer }) {
  converter.on('begin', callFunctions);
  converter.on('createDocument', (_, page) => nameByHeading(page));
  converter.on('resolveBegin', ({ project }) => {
    nameArguments(project);
    for (const reflection of Object.values(project.reflections)) keepFormulas(reflection);
    for (const module of project.children ?? []) nameByImport(module);
  });
  // A page from a file may not read the icons of another file; each page has a script that adds them to it.
  renderer.on('endPage', (page) => {
    page.contents = page.contents.replace(/href="[^"]*icons\.svg#/g, 'href="#');
  });
}
