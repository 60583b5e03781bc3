interface Kind {
  readonly name: string;
  readonly magic: readonly number[];
  /** Where the magic stands; at the beginning when left out. */
  readonly at?: number;
}

const KINDS: readonly Kind[] = [
  { name: "a ZIP archive or an Excel workbook", magic: [0x50, 0x4b, 0x03, 0x04] },
  { name: "an old Excel workbook", magic: [0xd0, 0xcf, 0x11, 0xe0] },
  { name: "a 7-Zip archive", magic: [0x37, 0x7a, 0xbc, 0xaf] },
  { name: "a tar archive", magic: [0x75, 0x73, 0x74, 0x61, 0x72], at: 257 },
  { name: "a bzip2 file", magic: [0x42, 0x5a, 0x68] },
  { name: "an xz file", magic: [0xfd, 0x37, 0x7a, 0x58] },
  { name: "a PDF", magic: [0x25, 0x50, 0x44, 0x46] },
  { name: "an SQLite database", magic: [0x53, 0x51, 0x4c, 0x69, 0x74, 0x65] },
  { name: "UTF-32", magic: [0xff, 0xfe, 0x00, 0x00] },
  { name: "UTF-32", magic: [0x00, 0x00, 0xfe, 0xff] },
];

/** What a file is whose first bytes are known to begin no text of ours; undefined for all others. */
export function kindOfBinary(bytes: Buffer): string | undefined {
  return KINDS.find(({ magic, at = 0 }) => startsWith(bytes.subarray(at), magic))?.name;
}

/** Whether the bytes begin with these. */
export function startsWith(bytes: Buffer, magic: readonly number[]): boolean {
  return magic.every((byte, index) => bytes[index] === byte);
}
