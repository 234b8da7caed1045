/** fileName makes a name for a file from a hostile one: no path, no control characters, at most 80 characters. */
export function fileName(name: string, what: string, extension: string, at: Date): string {
  const plain = name
    .normalize("NFC")
    .replace(/[^\p{L}\p{N}._-]+/gu, "-")
    .replace(/^[-.]+|[-.]+$/g, "");
  const two = (n: number) => String(n).padStart(2, "0");
  const day = `${at.getFullYear()}${two(at.getMonth() + 1)}${two(at.getDate())}`;
  const time = `${two(at.getHours())}${two(at.getMinutes())}${two(at.getSeconds())}`;
  const base = Array.from(plain).slice(0, 80).join("") || "vm";
  return `${base}-${what}-${day}-${time}.${extension}`;
}

/** saveBlob offers a file of this page's making as a download. */
export function saveBlob(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // the download may begin late
}
