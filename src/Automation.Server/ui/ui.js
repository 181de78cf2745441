import "@tabler/core/dist/js/tabler.esm.min.js";
import htmx from "htmx.org/dist/htmx.esm.js";

window.htmx = htmx;
