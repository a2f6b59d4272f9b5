// hostile texts come back from the real engines as what they were: none ends its word, and none becomes a variable or a directive
import { BASELINE, dumpOf } from './keepalived';
import { engine, nginxModules } from '../../sandbox/engines';
import { quoteHaproxy } from '../../src/engines/haproxy/grammar';
import { word } from '../../src/engines/keepalived/grammar';
import { directive } from '../../src/engines/nginx/grammar';
import { TEXTS } from '../properties/hostile-values';
import { describeEngineInPod } from '../support/describe-engine';
import { inBoxes } from '../support/engine-box';

/** Asks a proxy for /0, /1 and so on, as soon as it answers, and prints the answers as JSON. */
const ASK = `
"\${@:2}" &> /run/log &
node -e '
  const ask = async path => Buffer.from(await (await fetch("http://127.0.0.1:8080/" + path)).arrayBuffer()).toString();
  (async () => {
    for (let turn = 0; turn < 200 && !(await ask(0).then(() => true, () => false)); turn += 1) await new Promise(resolve => setTimeout(resolve, 50));
    const answers = [];
    for (let path = 0; path < Number(process.argv[1]); path += 1) answers.push(await ask(path));
    console.log(JSON.stringify(answers));
  })();
' "$1"
cat /run/log
kill -KILL "$!"`;

/** No engine takes a NUL or half a surrogate pair, or a word of some kilobytes; options have these limits too. */
const texts = TEXTS.filter(text => text.length < 1000 && !text.includes('\0') && text === Buffer.from(text).toString());

function answersOf(name: 'haproxy' | 'nginx', argv: string[], file: string, config: string, count: number): string[] {
  const { stdout } = inBoxes({ [file]: config }, run => run(['bash', '-c', ASK, 'bash', String(count), engine(name)!, ...argv]));
  return JSON.parse(stdout.split('\n').find(line => line.startsWith('["')) ?? JSON.stringify([stdout]));
}

describeEngineInPod('haproxy', () => test('answers with each hostile text that is not empty', () => {
  const known = texts.filter(text => text !== '');
  const rules = known.map((text, index) => `  http-request return status 200 content-type text/plain string ${quoteHaproxy(text)} if { path /${index} }`);
  const config = ['defaults', '  mode http', '  timeout client 5s', 'frontend test', '  bind 127.0.0.1:8080', ...rules, ''].join('\n');
  expect(answersOf('haproxy', ['-db', '-f', '/etc/hostile.cfg'], 'hostile.cfg', config, known.length)).toEqual(known);
}));

describeEngineInPod('nginx', () => test('answers with each hostile text that has no dollar sign', () => {
  const known = texts.filter(text => !text.includes('$'));
  const locations = known.map((text, index) => `location = /${index} { ${directive('return', 200, text)} }`);
  const config = `${nginxModules()}daemon off; pid /run/nginx.pid; error_log stderr; user root; events {} http {
    access_log off; ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(name => `${name}_temp_path /run/${name};`).join(' ')}
    server { listen 127.0.0.1:8080; ${locations.join('\n')} } }`;
  expect(answersOf('nginx', ['-e', 'stderr', '-c', '/etc/hostile.conf'], 'hostile.conf', config, known.length)).toEqual(known);
}));

describeEngineInPod('keepalived', () => test('names a file after each hostile text that is a word', () => {
  const isWord = (text: string) => {
    try {
      return word(text) === text;
    } catch {
      return false;
    }
  };
  const words = [...new Set(texts.filter(isWord))];
  expect(words.length).toBeGreaterThan(40);
  const files = words.map(name => `track_file ${word(name)} {\n  file /run/keepalived/x\n  weight 0\n}\n`);
  const tracked = BASELINE['keepalived.conf'].replace('  virtual_router_id', `  track_file {\n${words.map(name => `    ${word(name)}\n`).join('')}  }\n  virtual_router_id`);
  const dump = dumpOf({ 'keepalived.conf': files.join('') + tracked }, 'any-node', ['eth0']);
  expect([...dump.matchAll(/^ Track file = (.*)$/gm)].map(([, name]) => name)).toEqual(words);
}));
