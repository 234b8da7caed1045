import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";

import { ImageSchema } from "@/gen/limiquantix/v1/image_pb";
import { checkSource, imageWrongs, nameFrom } from "./image-rules";

test.each(["/srv/debian-12.qcow2", "~/debian-12.qcow2", "https://cloud.example.org/debian-12.qcow2?x=1", "HTTP://127.0.0.1:8000/a.img", "C:\\images\\a.img"])("the source %s is right", (s) => expect(checkSource(s)).toBeUndefined());
test.each([["", "path"], ["debian.qcow2", "absolute"], ["~ada/debian.qcow2", "absolute"], ["ftp://example.org/a", "http"], ["file:///etc/passwd", "http"], ["https://u:p@example.org/a", "password"], ["https://", "not valid"]])(
  "the source %j is refused: %s", (s, says) => expect(checkSource(s)).toContain(says));

test.each([
  ["/srv/debian-12.qcow2", "debian-12.qcow2"], ["https://example.org/a%20b.img?x=/y", "a b.img"], ["https://example.org/", ""], ["https://example.org/%ff", "%ff"], ["C:\\a\\b.img", "b.img"], ["", ""],
])("%s is called %s", (s, want) => expect(nameFrom(s)).toBe(want));

const good = { source: "/srv/a.qcow2", checksum: "", host: "kvm1", pool: "default", name: "" };
test.each([
  [good, []],
  [{ ...good, name: "a/b" }, ["name"]],
  [{ ...good, checksum: "12" }, ["checksum"]],
  [{ ...good, host: "", pool: "" }, ["host", "pool"]],
  [{ ...good, pool: "iso" }, ["name"]],
])("%j has wrong: %j", (form, want) => {
  const images = [create(ImageSchema, { host: "kvm1", pool: "iso", name: "a.qcow2" })];
  expect(Object.keys(imageWrongs(form, images))).toEqual(want);
});
