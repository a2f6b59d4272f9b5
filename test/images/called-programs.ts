// the programs that a shell script calls: words where a command begins that are neither the shell's own nor functions of the script

const OF_THE_SHELL = new Set(`
  break case cd command continue do done echo elif else esac eval exec exit export false fi for getopts if in kill local printf pwd read return set
  shift test then times trap true type ulimit umask unset until wait while
`.trim().split(/\s+/));

/** What comes before a command on its line. */
const BEFORE = String.raw`(?:if|then|else|elif|do|while|until|exec|!|command -v) |\w+=[^\s(]* `;
const COMMAND = new RegExp(String.raw`(?:^|[|&;({]|(?<=\s)(?:${BEFORE}))\s*(?:${BEFORE})*([a-z][\w-]*|/[\w/.-]+)(?=[\s;)&|]|$)`, 'gm');

/** Sorted. A path stays a path. It may find too much, but then a test fails; it must not find too little. */
export function calledPrograms(script: string): string[] {
  const code = withoutTexts(script);
  const functions = new Set([...code.matchAll(/^\s*(\w+)\(\)/gm)].map(match => match[1]));
  const words = [...code.matchAll(COMMAND)].map(match => match[1]);
  return [...new Set(words)].filter(word => !OF_THE_SHELL.has(word) && !functions.has(word)).sort();
}

/** The script without comments, quoted texts, parameters and arithmetic. What `$(…)` runs inside of them stays. */
function withoutTexts(script: string): string {
  const open: string[] = [];
  let code = '';
  for (let i = 0; i < script.length; i++) {
    const [char, rest, inside] = [script[i], script.slice(i), open[open.length - 1]];
    const parameter = /^\$\{(\\.|[^}\\])*\}/.exec(rest)?.[0];
    if (char === '\\') {
      i += 1;
      code += script[i] === '\n' ? ' ' : '_';
    } else if (parameter) {
      i += parameter.length - 1;
      code += '_';
    } else if (rest.startsWith('$((')) {
      i += 2;
      open.push('((', '((');
      code += '_';
    } else if (rest.startsWith('$(')) {
      i += 1;
      open.push('(');
      code += '(';
    } else if (char === '"') {
      code += '_';
      if (inside === '"') open.pop(); else open.push('"');
    } else if (inside === '"') {
      continue;
    } else if (inside === '((') {
      if (char === '(') open.push('((');
      if (char === ')') open.pop();
    } else if (char === "'") {
      i = script.indexOf("'", i + 1);
      code += '_';
    } else if (char === '#' && /\s/.test(script[i - 1] ?? ' ')) {
      i = script.indexOf('\n', i) - 1;
    } else if (char === ')') {
      // without an opening one, it ends a pattern of a case
      code += open.pop() ? ')' : ';';
    } else {
      if (char === '(') open.push('(');
      code += char;
    }
  }
  return code;
}
