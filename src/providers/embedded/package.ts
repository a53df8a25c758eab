/** The engine's package, and the release of llama.cpp in it. Newer ones lacked the binaries for macOS and Windows in the registry (23 November 2026). */
export const ENGINE_PACKAGE = 'node-llama-cpp';
export const ENGINE_VERSION = '3.21.1';
export const LLAMA_CPP_VERSION = '0.4.0';

/** What the registry says of one package of this version: bytes to download (its tarball), and the checksum in npm's own form. */
export interface PinnedPackage {
  name: string;
  download: number;
  integrity: string;
}

/** What it computes with. `metal`: the graphics of Apple's machines. */
export type Accelerator = 'cpu' | 'metal' | 'cuda' | 'vulkan';

const MAIN: PinnedPackage = {
  name: ENGINE_PACKAGE,
  download: 35_413_592,
  integrity: 'sha512-E3N0Ev2Va0wzydvXYFwM9Hvyo07PoWjt8T/9GMc43Cvt8YkV/NU/tYUgEMC1grTPv2o9PRjQi0G3Wb5P/awiMg==',
};
/** The hundred or so packages that the main one needs: bytes, measured with an empty cache of npm. */
const COMPANIONS = 4_000_000;
/** Unpacked, everything takes about 1.8 times as much as its download: 83 MB of linux-x64's 46. */
const UNPACKED = 1.8;

/** npm's name of a build, bytes, checksum. */
const BUILDS: readonly (readonly [build: string, download: number, integrity: string])[] = [
  ['linux-x64', 10_582_760, 'Totj6RTDMGo3FoK2yNUaz/oGmZD0olAqTrRluFUWmu0kW2i9TOzHSW0OWCAiGkzRCVX0WsU2CyUQo/W2NYtdPA=='],
  ['linux-x64-vulkan', 27_476_121, 'flEeSzONQ6OIm5bYKLQf4eEnBzcC5WugFbyPUwkCqyyOFZ8pH0H9ulQ7ZNDLSIczeKneMRJornlyY1Hq7d3GDA=='],
  ['linux-x64-cuda', 142_850_036, 'idsE55VoD/FbvLhnBC9krUJaUoC0XnebseAAnCpm/brKf61HEbu+idgbb5eN6mxkjLSrHtILprJ0nDcUJjVrFg=='],
  ['linux-x64-cuda-ext', 176_679_086, '1PuURowccBcks3CCoMe1mTHh5vD0V5bFHMUEgtbI/OSDjpP+Pdbn+lf42CGUrepTzR8kCH1HovQ7d8q6/vuIKA=='],
  ['linux-arm64', 7_213_055, 'eI3anSEGzJiwF2rpMpZVTdHzw47LztbvfvuRzlu/fPO18ROnBOd+75RPUBlV6qENPpmNtbov85+3VODwEwBurg=='],
  ['linux-armv7l', 4_285_216, 'N/IaOXCQogfyDrlANRXbU2u+l0dbZ4BBqc3/Rv1xknHbRi/rX0rrOf5elPG8S9I5p9ebcU48HrRqk2d9O/LNHw=='],
  ['linux-riscv64', 4_781_916, 'tjxegcxrw4heT3LIyPjXvCu7pFaD7e4ac1z+5KhWf/iS/9SSB9poqNyPXSkPibyzhTBB8BgDY47LgfBKqiu/xQ=='],
  ['mac-arm64-metal', 4_858_447, '6MIDAZV7DXD9R1+jEXWJkFuolni3GATGE6mmuyFYc6ZmtOh9djAy15df0T0AXK3sCmVKL+fQcOAWZezxx4MvQQ=='],
  ['mac-x64', 10_809_280, 'Q4nyNmbcNiKygBZQZjX+qLk2w3YzoiFpLWsxNURQN7xjyUi2p2rWxjRa7Otg0FrjGf/ri4aQ+X3Uj5Y0zD06eg=='],
  ['win-x64', 9_787_045, 'JcIpCnra7bAd7JNWA8ehdn2DIRaTMuj+fBC8bw+5rKSNzszWFbuj2XA05c5QHovonDMBLN1ePXE/hcfZtzXoUQ=='],
  ['win-x64-vulkan', 26_619_567, 'HJ237Azh5m4Sz+w3A1IU/fYLaSDOocskcfn2ILTgqTuuORCB86EMnu3Yt/XsNhRHTtEiwz1Q/E0mO4PLIbZLAA=='],
  ['win-x64-cuda', 138_542_727, 'PLz70neFEMkQTlmJqG1ujUtCSgHasLPMxQ9rLkqQVmZYAXqkRj+45TIHCjdn3XqUeaoun0vrO9rRaxZ8NVq9jg=='],
  ['win-x64-cuda-ext', 175_417_684, 'L2MxLVEYPDDe4O8EDWPmX6brldc9+Vt9hNoT/anj3pSnmrjkQcmaoKhHs6oP5qhEhb5Uog0rj6lgzNGtJO3p9Q=='],
  ['win-arm64', 4_606_830, '/UDR7Y0B8iKfc/tqxBmWkcgRdZQ9Wrkwod7fYl4J6iZXcTIj286RkHvZSED7VMY67TrcUXVvxJVMNFtmjeYnDg=='],
];

/** What is known of this machine. */
export interface Machine {
  platform: NodeJS.Platform;
  arch: string;
  /** Linux: built on GNU's C library, as the binaries are. Alpine's is another. */
  glibc: boolean;
}

export interface Wanted {
  packages: PinnedPackage[];
  accelerator: Accelerator;
  /** Bytes. */
  download: number;
  unpacked: number;
}

/** The packages for a machine; nothing where there is no build for it. `gpu`: what the user asks for. */
export function packagesFor(machine: Machine, gpu: 'cuda' | 'vulkan' | undefined): Wanted | undefined {
  const system = { linux: 'linux', darwin: 'mac', win32: 'win' }[machine.platform as string];
  if (system === undefined || (machine.platform === 'linux' && !machine.glibc)) return undefined;
  const arch = machine.arch === 'arm' ? 'armv7l' : machine.arch;
  const plain = `${system}-${arch}`;
  const metal = BUILDS.some(([build]) => build === `${plain}-metal`);
  const names = [
    metal ? `${plain}-metal` : plain,
    // CUDA's libraries come in a package of their own.
    ...(gpu === 'cuda' ? [`${plain}-cuda`, `${plain}-cuda-ext`] : gpu === 'vulkan' ? [`${plain}-vulkan`] : []),
  ];
  const builds = names.map((name) => BUILDS.find(([build]) => build === name));
  const found = builds.flatMap((build) =>
    build === undefined ? [] : { name: `@node-llama-cpp/${build[0]}`, download: build[1], integrity: `sha512-${build[2]}` },
  );
  if (found.length < names.length) return undefined;
  const packages = [MAIN, ...found];
  const download = packages.reduce((sum, one) => sum + one.download, COMPANIONS);
  return { packages, accelerator: gpu ?? (metal ? 'metal' : 'cpu'), download, unpacked: Math.ceil(download * UNPACKED) };
}
