import { mostSimilar } from '../../src/validation/similar';

const OPTIONS = ['maxConnections', 'maxConnectionsPerClient', 'ipv6', 'tlsSecretName', 'healthPort', 'image', 'imageRegistry'];

describe('the option that was probably meant', () => {
  test.each([
    ['a letter too few', 'maxConnection', 'maxConnections'],
    ['a letter too many', 'healthPortt', 'healthPort'],
    ['another letter', 'healthPart', 'healthPort'],
    ['two letters in the wrong order', 'haelthPort', 'healthPort'],
    ['other capitals', 'TLSSECRETNAME', 'tlsSecretName'],
    ['a part of it', 'tlsSecret', 'tlsSecretName'],
    ['more than it', 'theTlsSecretNameOfMine', 'tlsSecretName'],
    ['the nearest of two', 'imageRegistri', 'imageRegistry'],
    ['one letter of four', 'ipv7', 'ipv6'],
  ])('is found for %s', (_, name, expected) => expect(mostSimilar(name, OPTIONS)).toBe(expected));
  test.each([['another word', 'replicas'], ['two letters of four', 'ipx7'], ['two letters, one of them the last', 'ip6a'], ['a short part', 'max'], ['nothing', '']])('is not found for %s', (_, name) =>
    expect(mostSimilar(name, OPTIONS)).toBeUndefined());
  test('can be named by four of its letters', () => expect(mostSimilar('port', ['exportedPortNumbers'])).toBe('exportedPortNumbers'));
  test('is not found among none', () => expect(mostSimilar('image', [])).toBeUndefined());
});
