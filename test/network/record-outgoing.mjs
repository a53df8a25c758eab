// Loaded before a program (`node --import`), in each of its threads: every connection and every look-up of a name that would leave this
// machine is written down, and ends at a server of the test instead. UNDERSTUDY_TEST_OUTGOING: a file; UNDERSTUDY_TEST_STAND_IN: a port. What is
// reached on this machine is written down too, in UNDERSTUDY_TEST_HERE, and goes where it was to go.
import dgram from 'node:dgram';
import dns from 'node:dns';
import { appendFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';

const file = process.env.UNDERSTUDY_TEST_OUTGOING;
const here = process.env.UNDERSTUDY_TEST_HERE;
const standIn = Number(process.env.UNDERSTUDY_TEST_STAND_IN);

function isHere(host) {
  return host === undefined || host === 'localhost' || host === '::1' || host === '::' || host === '0.0.0.0' || host.startsWith('127.');
}

function record(kind, host) {
  appendFileSync(file, `${kind} ${host}\n`);
}

// All of TCP and TLS comes by here: node:http, undici and fetch included.
const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (...args) {
  const list = Array.isArray(args[0]) ? args[0] : args;
  const options = typeof list[0] === 'object' ? list[0] : { port: list[0], host: typeof list[1] === 'string' ? list[1] : undefined };
  if (options.path) return connect.apply(this, args);
  if (isHere(options.host)) {
    appendFileSync(here, `${options.host ?? 'localhost'}:${options.port}\n`);
    return connect.apply(this, args);
  }
  record('connect', `${options.host}:${options.port}`);
  const { lookup: _lookup, ...others } = options;
  const called = list.findLast((one) => typeof one === 'function');
  return connect.call(this, { ...others, host: '127.0.0.1', port: standIn }, ...(called ? [called] : []));
};

for (const name of Object.keys(dns).filter((key) => /^(lookup|resolve)/.test(key))) {
  const whole = dns[name];
  dns[name] = function (host, ...rest) {
    if (typeof host === 'string' && !isHere(host)) record('name', host);
    return whole.call(this, host, ...rest);
  };
}
for (const name of Object.keys(dns.promises).filter((key) => /^(lookup|resolve)/.test(key))) {
  const whole = dns.promises[name];
  dns.promises[name] = function (host, ...rest) {
    if (typeof host === 'string' && !isHere(host)) record('name', host);
    return whole.call(this, host, ...rest);
  };
}
const send = dgram.Socket.prototype.send;
dgram.Socket.prototype.send = function (...args) {
  record('datagram', args.find((one) => typeof one === 'string') ?? 'somewhere');
  return send.apply(this, args);
};
syncBuiltinESMExports();
