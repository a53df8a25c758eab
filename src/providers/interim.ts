import type { Socket } from 'node:net';

const CONTINUE = /^HTTP\/1\.[01] 100[ \r]/;
const LONGEST_START = 'HTTP/1.1 100 '.length;

/**
 * Takes `100 Continue` off the wire while a final status line is awaited. A client has to bear one that it did not ask for
 * (RFC 9110, 15.2); undici closes the connection instead. Other interim responses pass, undici reports them.
 */
export function swallowContinue(socket: Socket, line: { awaiting: boolean }): void {
  const read = socket.read.bind(socket);
  let held: Buffer | undefined;
  socket.read = (size?: number): Buffer | null => {
    for (;;) {
      const piece = read(size) as Buffer | null;
      if (!line.awaiting || piece === null) return piece;
      const chunk: Buffer = held ? Buffer.concat([held, piece]) : piece;
      held = undefined;
      if (!mayContinue(chunk)) return chunk;
      const end = chunk.indexOf('\r\n\r\n');
      if (end < 0 && chunk.length < 16_384) {
        held = chunk;
        continue;
      }
      if (end < 0) return chunk;
      const rest = chunk.subarray(end + 4);
      if (rest.length > 0) {
        if (!mayContinue(rest)) return rest;
        socket.unshift(rest);
      }
    }
  };
}

function mayContinue(chunk: Buffer): boolean {
  // 'H' and the digit of the class tell nearly everything else apart without making a string.
  if (chunk[0] !== 0x48) return false;
  if (chunk.length >= LONGEST_START) return chunk[9] === 0x31 && CONTINUE.test(chunk.toString('latin1', 0, LONGEST_START));
  return 'HTTP/1.1 100 '.startsWith(chunk.toString('latin1')) || 'HTTP/1.0 100 '.startsWith(chunk.toString('latin1'));
}
