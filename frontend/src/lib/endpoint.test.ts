import { expect, test, vi } from "vitest";

import { followToken, takeToken } from "./endpoint";
import { keeping } from "./storage";

const kept = keeping(() => sessionStorage);
const at = (hash: string) => ({ hash, pathname: "/", search: "" });

test("a token is taken out of the address, and found again after a reload", () => {
  expect(takeToken(at("#/vms"), kept)).toBe("");
  expect(takeToken(at("#token=abc"), kept)).toBe("abc");
  expect(window.location.hash).toBe("#/");
  expect(takeToken(at("#/vms"), kept)).toBe("abc");
});

test("where the browser keeps nothing, the token lasts as long as the page", () => {
  const none = keeping(() => {
    throw new DOMException("denied", "SecurityError");
  });
  expect(takeToken(at("#token=abc"), none)).toBe("abc");
});

test("an address with a new token that is pasted into an open tab is followed", () => {
  const reload = vi.spyOn(window.location, "reload").mockImplementation(() => undefined);
  followToken();
  const paste = (hash: string) => {
    window.history.replaceState(null, "", hash);
    window.dispatchEvent(new Event("hashchange"));
  };
  paste("#/vms?q=token%3Dx");
  expect(reload).not.toHaveBeenCalled();
  paste("#token=new");
  expect(reload).toHaveBeenCalledOnce();
  expect([window.location.hash, takeToken(at("#/"), kept)]).toEqual(["#/", "new"]);
});
