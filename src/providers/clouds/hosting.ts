import type { Result } from '../../exchange/result.ts';
import type { Reframe, Sign } from '../call.ts';

/** A request of the dialect on its way to a cloud. */
export interface Unshaped {
  /** As the cloud calls it. */
  model: string;
  /** Path (and query) that the dialect's maker would be asked at. */
  endpoint: string;
  stream: boolean;
  body: Buffer;
  headers: [name: string, value: string][];
}

/** The same request as the cloud takes it. */
export interface Shaped {
  /** After the base URL. */
  path: string;
  body: Buffer;
  headers: [name: string, value: string][];
}

/** How a cloud that runs others' models is asked, where that differs from asking their makers. */
export interface Hosting {
  /** The error says what the cloud has no way of being asked. */
  shape?(request: Unshaped): Result<Shaped, string>;
  /** Only where no key is configured. */
  sign?: Sign;
  reframe?: Reframe;
}
