import { TextWriter } from '../../src/engines/text-writer';

test('indents what is inside a block, and closes it if the grammar does', () => {
  const writer = new TextWriter();
  writer.block('outer {', () => writer.block('section', () => writer.line('inner;')), '}');
  expect(writer.toString()).toBe('outer {\n  section\n    inner;\n}\n');
});

test('never leaves two empty lines, nor one at the top', () => {
  const writer = new TextWriter();
  writer.blank();
  writer.line('one');
  writer.blank();
  writer.blank();
  writer.line('two');
  expect(writer.toString()).toBe('one\n\ntwo\n');
});
