import { describe, expect, it } from 'vitest';
import { networksBy, networkText } from './network.ts';

describe('a network', () => {
  it.each([
    ['192.0.2.77', '192.0.2.0/24'],
    ['2001:db8:77:1::1', '2001:db8:77::/48'],
    ['2001:db8::1', '2001:db8:0::/48'],
    ['2001:DB8:77:1:2:3:4:5', '2001:db8:77::/48'],
    ['::1', '0:0:0::/48'],
    ['fe80::192.0.2.1', 'fe80:0:0::/48'],
    ['2002:c000:024d::1', '192.0.2.0/24'],
    ['2001:0:5ef5::1', '2001::/32'],
    ['', 'unknown'],
    ['localhost', 'unknown'],
  ])('of %s is %s', (address, network) => {
    expect(networkText(address)).toBe(network);
  });

  const asked = (remoteAddress: string, header?: string): string =>
    networksBy(new Uint8Array(32), ['10.0.0.1', '10.0.0.2'])({
      socket: { remoteAddress } as never,
      headers: header === undefined ? {} : { 'x-forwarded-for': header },
    });

  it('is a name that tells nothing', () => {
    expect(asked('192.0.2.1')).toBe(asked('192.0.2.250'));
    expect(asked('192.0.2.1')).toBe(asked('::ffff:192.0.2.9'));
    expect(asked('192.0.2.1')).not.toBe(asked('192.0.3.1'));
    expect(asked('192.0.2.1')).toMatch(/^[\w-]{12}$/);
    expect(networksBy(new Uint8Array(32).fill(1), [])({ socket: { remoteAddress: '192.0.2.1' } as never, headers: {} })).not.toBe(
      asked('192.0.2.1'),
    );
  });

  it('is believed from a proxy only, and only what the proxy itself has seen', () => {
    expect(asked('198.51.100.1', '192.0.2.1')).toBe(asked('198.51.100.1'));
    expect(asked('10.0.0.1', '192.0.2.1')).toBe(asked('192.0.2.1'));
    expect(asked('10.0.0.1', '203.0.113.5, 192.0.2.1')).toBe(asked('192.0.2.1'));
    expect(asked('10.0.0.1', '192.0.2.1, 10.0.0.2')).toBe(asked('192.0.2.1'));
    expect(asked('10.0.0.1', 'junk')).toBe(asked('10.0.0.1'));
    expect(asked('10.0.0.1')).toBe(asked('10.0.0.1'));
  });
});
