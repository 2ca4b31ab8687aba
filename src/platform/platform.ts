/** What the rooms above ask of the place they run in. */
export interface Platform {
  /** Number of threads that can run at the same time. */
  readonly cores: number;
  /** Whether memory can be shared with other threads. */
  readonly sharesMemory: boolean;
  /** Why there is but one thread for kernels, where there is but one; else null. */
  readonly oneThread: string | null;
  /** Starts a thread, which alone does not keep the process alive. */
  readonly Worker: new (
    url: URL,
    options: { type: 'module' },
  ) => Thread;

  /** An environment variable. */
  variable(name: string): string | undefined;
  /** Bytes of address space that may still be taken; Infinity where that is not limited, or not known. */
  addressSpaceLeft(): number;
  /** Lets the engine compile relaxed SIMD, where it keeps that behind a flag. */
  allowRelaxedSimd(): void;
  /** Whether the engine has a part, though behind a flag, that joins vectors of 128 bits to those of 256. */
  readonly joinsVectors: boolean;
  /** Runs a program in a process of its own, and tells whether that ended well; false where it cannot be had. */
  endsWell(program: URL, args: readonly string[]): boolean;
  /** Calls back when the process ends, with its exit code. */
  atExit(callback: (code: number) => void): void;
  /** Resolves in another turn of the event loop: signals, timers and messages come before. */
  nextTurn(): Promise<void>;

  /**
   * Bytes of a file that ships with the package, at once; null where it can only be waited for, by `read`.
   */
  readonly readNow: ((url: URL) => Uint8Array<ArrayBuffer>) | null;
  /** Bytes of a file, or in a browser of what its server has at this address. */
  read(path: string | URL): Promise<Uint8Array>;
  /** Opens a file to be read by position, at once. */
  openFile(path: string): OpenFile;
  /** Starts a file, and its folder; what was in it goes. */
  createFile(path: string): NewFile;
  /** SHA-256 of a file, in hex. */
  sha256(path: string): string;
  /** A file to read parts of: it may be larger than memory, but not in a browser, which loads it whole. */
  open(path: string): Promise<ReadableFile>;
  /** The whole path, or the whole address. */
  absolute(path: string): string;
  /** See src/io/atomicFile.ts. */
  writeFileAtomic(path: string, data: Uint8Array | string): Promise<void>;
}

/** A file that is read by position. */
export interface OpenFile {
  /** Bytes. */
  readonly size: number;
  /** Fills `into` with the bytes from `position` on. */
  read(position: number, into: Uint8Array): void;
  close(): void;
}

/** A file that grows at its end. */
export interface NewFile {
  append(bytes: Uint8Array): void;
  /** Puts the file on the disk, and returns its SHA-256 in hex. */
  close(): string;
}

/** A file that is read in parts. */
export interface ReadableFile {
  /** In bytes. */
  readonly size: number;
  /** The bytes from `begin` on, fewer than `length` only where the file ends; they are the caller's. */
  read(begin: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
  close(): Promise<void>;
}

/** Another thread, as the one that started it sees it. */
export interface Thread {
  /** Called with the reason, if that is known, when it breaks off. */
  onerror: ((event: { readonly message?: string }) => void) | null;
  postMessage(data: unknown): void;
}
