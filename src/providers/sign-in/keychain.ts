import { optionalModule } from '../clouds/optional-module.ts';

/** A place of the operating system's for one secret. It may throw at any time: when it is locked, or where there is no desktop. */
export interface Keychain {
  read(): string | undefined;
  write(secret: string): void;
  remove(): void;
}

/** `Entry` of @napi-rs/keyring 1.x, as far as it is used. */
interface KeyringModule {
  Entry: new (
    service: string,
    user: string,
  ) => { getPassword(): string | null; setPassword(secret: string): void; deletePassword(): boolean };
}

/** Not a literal: the package is no dependency, and whoever wants the keychain installs it. */
const PACKAGE: string = '@napi-rs/keyring';

/** The keychain, where `npm i @napi-rs/keyring` has brought it. `entry` tells this secret from others of the same user. */
export async function openKeychain(entry: string): Promise<Keychain | undefined> {
  const library = await optionalModule(PACKAGE, () => import(PACKAGE) as Promise<KeyringModule>);
  if (!library.ok) return undefined;
  const { Entry } = library.value;
  const open = (): InstanceType<typeof Entry> => new Entry('understudy', entry);
  return {
    read: () => open().getPassword() ?? undefined,
    write: (secret) => open().setPassword(secret),
    remove: () => void open().deletePassword(),
  };
}
