// a plugin of Stryker: leaves the texts of errors, and comments in configurations, alone. Tests ask for an error's code and for what it names
import { readFileSync } from 'node:fs';

const CODES = new Set([...readFileSync('src/validation/codes.ts', 'utf8').matchAll(/^ {2}'?([a-z-]+)'?:/gm)].map(([, code]) => code));
const TEXTS = /^(what|fix|got)$/;

/** Whether a node stands in the text of an error: `what` or `fix` of a problem, `new Error()`, or the subject of a check. */
function isInText(path) {
  const { node, parent } = path;
  if (parent?.type === 'ObjectProperty' && parent.value === node) return TEXTS.test(parent.key.name);
  if (parent?.type === 'VariableDeclarator') return TEXTS.test(parent.id.name);
  if (parent?.type === 'NewExpression') return /Error$/.test(parent.callee.name);
  if (parent?.type === 'CallExpression' && parent.callee !== node) return /^check[A-Z]|^describe/.test(parent.callee.name ?? '');
  if (/Function/.test(parent?.type) || /Statement$/.test(parent?.type)) {
    return /[fF]ix$/.test(path.getFunctionParent()?.node.id?.name ?? '') && node.type !== 'BlockStatement';
  }
  return /^(ConditionalExpression|BinaryExpression|LogicalExpression|TemplateLiteral|TSAsExpression)$/.test(parent?.type) && isInText(path.parentPath);
}

export const strykerPlugins = [{
  kind: 'Ignore',
  name: 'error-texts',
  value: {
    shouldIgnore(path) {
      const isText = path.isTemplateLiteral() || (path.isStringLiteral() && !CODES.has(path.node.value));
      const begin = path.isStringLiteral() ? path.node.value : path.isTemplateLiteral() ? path.node.quasis[0].value.raw : '';
      if (begin.startsWith('# ')) return 'a comment in a configuration';
      return isText && isInText(path) ? 'a text of an error' : undefined;
    },
  },
}];
