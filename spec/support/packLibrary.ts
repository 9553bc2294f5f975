import { run } from './Program';
import { ROOT } from './root';

/** The library as npm would publish it. */
export interface PackedLibrary {
  /** Of the tarball, in the folder. */
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

/** Packs what is built into a folder. */
export async function packLibrary(folder: string): Promise<PackedLibrary> {
  const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const [packed] = JSON.parse(await run('npm', pack, { cwd: ROOT })) as [PackedLibrary];
  return packed;
}
