// Puts what pages need from npm into wwwroot/lib: one script, one style sheet, one font; and the script of the template editor.
import { build } from "esbuild";
import { rm } from "node:fs/promises";

const target = "../wwwroot/lib";
await rm(target, { recursive: true, force: true });
await build({
  entryPoints: ["ui.js", "ui.css", "editor.js"],
  outdir: target,
  bundle: true,
  minify: true,
  target: ["chrome111", "firefox115", "safari16.4"],
  legalComments: "linked",
  // Every browser above reads woff2; the older forms would only be dead weight.
  loader: { ".woff2": "file", ".woff": "empty", ".ttf": "empty" },
  assetNames: "[name]",
  logLevel: "error",
});
