import { expect, test } from "vitest";

import { inNet, parseIP, parseNet } from "./ip";

test.each([
  ["10.0.0.1", [10, 0, 0, 1]],
  ["255.255.255.255", [255, 255, 255, 255]],
  ["::", new Array<number>(16).fill(0)],
  ["fe80::1%eth0", [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]],
  ["::ffff:192.0.2.1", [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 192, 0, 2, 1]],
  ["1:2:3:4:5:6:7:8", [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8]],
])("parseIP(%s)", (text, want) => expect([...(parseIP(text) ?? [])]).toEqual(want));

test.each(["", "10.0.0", "10.0.0.256", "10.0.0.1.2", "1e1.0.0.1", ":::", "1:2:3:4:5:6:7", "1::2::3", "1:2:3:4:5:6:7::8:9", "fe80::12345", "1.2.3.4::"])(
  "parseIP refuses %j", (text) => expect(parseIP(text)).toBeUndefined());

test.each([
  ["10.1.2.3", "10.0.0.0/8", true],
  ["11.1.2.3", "10.0.0.0/8", false],
  ["192.168.123.200", "192.168.123.192/26", true],
  ["192.168.123.100", "192.168.123.192/26", false],
  ["1.2.3.4", "0.0.0.0/0", true],
  ["fd00::5", "fd00::/8", true],
  ["fd00::5", "10.0.0.0/8", false],
  ["10.0.0.5", "10.0.0.5", true],
])("%s in %s: %s", (ip, net, want) => expect(inNet(parseIP(ip)!, parseNet(net)!)).toBe(want));

test.each(["10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8/8", "10/8", "fd00::/129", "10.0.0.0/-1"])("parseNet refuses %j", (text) => expect(parseNet(text)).toBeUndefined());
