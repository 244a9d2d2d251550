/** RC4, with which a client hides its session key from MS-NLMP's key exchange; OpenSSL 3 offers it no longer. */
export function rc4(key: Uint8Array, data: Uint8Array): Buffer {
  const box = Uint8Array.from({ length: 256 }, (_unused, index) => index);
  const at = (index: number): number => box[index & 255] ?? 0;
  const swap = (left: number, right: number): void => {
    [box[left], box[right]] = [at(right), at(left)];
  };
  for (let i = 0, j = 0; i < 256; i += 1) {
    j = (j + at(i) + (key[i % key.length] ?? 0)) & 255;
    swap(i, j);
  }
  const output = Buffer.alloc(data.length);
  let x = 0;
  let y = 0;
  for (const [index, byte] of data.entries()) {
    x = (x + 1) & 255;
    y = (y + at(x)) & 255;
    swap(x, y);
    output[index] = byte ^ at(at(x) + at(y));
  }
  return output;
}
