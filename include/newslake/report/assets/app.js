// Language, light and dark, charts, and the register's filters. Texts of articles are only ever set as text.
"use strict";
(() => {
  const root = document.documentElement;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const at = (id) => document.getElementById(id);
  const json = (element) => (element ? JSON.parse(element.textContent) : null);

  // A file or a sandboxed page may have no storage: then the choice travels in links.
  const asked = new URLSearchParams(location.search);
  const kept = (name) => {
    if (asked.get(name)) return asked.get(name);
    try { return localStorage.getItem("newslake." + name); } catch { return null; }
  };
  const keep = (name, value) => {
    try { localStorage.setItem("newslake." + name, value); return; } catch { /* travels in links, below */ }
    for (const link of all("a[href]")) {
      const [address, anchor] = link.getAttribute("href").split("#");
      if (!/^(\.\.\/)?(articles\/)?[\w-]+\.html(\?|$)/.test(address)) continue;
      const [page, search] = address.split("?");
      const values = new URLSearchParams(search);
      values.set(name, value);
      link.setAttribute("href", page + "?" + values + (anchor === undefined ? "" : "#" + anchor));
    }
  };
  const isChinese = () => root.lang.startsWith("zh");
  const said = (pair) => (pair ? pair[isChinese() ? 1 : 0] : "");
  const drawAgain = [];

  const speak = (language) => {
    root.lang = language === "zh" ? "zh-Hans" : "en";
    const button = at("language");
    button.textContent = isChinese() ? "English" : "中文";
    button.lang = isChinese() ? "en" : "zh-Hans";
    const heading = document.querySelector("h1 .zh, h1 .en");
    if (heading && !document.querySelector(".page + .page")) document.title = document.querySelector(isChinese() ? "h1 .zh" : "h1 .en").textContent + " · newslake";
    for (const draw of drawAgain) draw();
  };
  const paint = (theme) => { if (theme) root.dataset.theme = theme; };

  const start = () => {
    root.classList.add("scripted");
    all(".controls").forEach((one) => { one.hidden = false; });
    paint(kept("theme"));
    all("figure.chart").forEach(prepareChart);
    if (at("register-data")) prepareRegister();
    const language = kept("language") || (/^zh/i.test(navigator.language) ? "zh" : "en");
    speak(language);
    for (const name of ["language", "theme"]) if (asked.get(name)) keep(name, asked.get(name));
    at("language").addEventListener("click", () => { const next = isChinese() ? "en" : "zh"; keep("language", next); speak(next); });
    at("theme").addEventListener("click", () => {
      const isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
      const next = isDark ? "light" : "dark";
      keep("theme", next);
      paint(next);
    });
    document.querySelector(".menu [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
    let waiting = 0;
    let width = innerWidth;
    addEventListener("resize", () => {
      if (innerWidth === width) return;
      width = innerWidth;
      clearTimeout(waiting);
      waiting = setTimeout(() => drawAgain.forEach((draw) => draw()), 150);
    });
  };

  // Charts: each series has a pattern of its own, beside its colour.
  const COLOURS = ["var(--c0)", "url(#hatched)", "var(--c2)", "url(#dotted)", "url(#crossed)", "var(--c5)"];
  const DASHES = ["", "6 3", "2 3", "8 3 2 3", "12 3", "1 4"];
  const element = (name, attributes = {}, ...children) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };
  const addPatterns = () => {
    if (at("hatched")) return;
    const pattern = (id, background, ...marks) =>
      element("pattern", { id, width: 6, height: 6, patternUnits: "userSpaceOnUse" }, element("rect", { width: 6, height: 6, fill: background }), ...marks);
    const line = (d) => element("path", { d, stroke: "var(--raised)", "stroke-width": 1.4 });
    document.body.append(
      element("svg", { width: 0, height: 0, "aria-hidden": "true", style: "position:absolute" }, element("defs", {},
        pattern("hatched", "var(--c1)", line("M-1 7L7 -1")),
        pattern("dotted", "var(--c3)", element("circle", { cx: 3, cy: 3, r: 1.1, fill: "var(--raised)" })),
        pattern("crossed", "var(--c4)", line("M0 3H6"), line("M3 0V6")))));
  };
  const short = (text, most) => (text.length > most ? text.slice(0, most - 1) + "…" : text);
  const wide = (text) => [...text].reduce((sum, mark) => sum + (mark.charCodeAt(0) > 0x2e80 ? 12.5 : 7), 0);

  const prepareChart = (figure) => {
    const data = json(figure.querySelector("script"));
    const place = figure.querySelector(".plot");
    const rows = data.rows.map((row) => Object.fromEntries(data.names.map((name, index) => [name, row[index]])));
    const label = (name) => said(data.labels[name]) || name;
    const draw = () => {
      addPatterns();
      const width = Math.max(figure.clientWidth - 36, 260);
      const [legend, picture] = KINDS[data.kind]({ data, rows, label, width, shown: (value) => said(data.words[value]) || (value ?? "–") });
      picture.setAttribute("aria-hidden", "true");
      place.replaceChildren(...(legend ? [legend] : []), picture);
    };
    drawAgain.push(draw);
  };
  const legendOf = (names, fills) => {
    const made = document.createElement("div");
    made.className = "legend-of";
    names.forEach((name, index) => {
      const item = document.createElement("span");
      const swatch = fills
        ? element("rect", { width: "100%", height: "100%", fill: fills[index] })
        : element("line", { x1: 0, x2: 16, y1: 6, y2: 6, stroke: `var(--c${index % 6})`, "stroke-width": 2.5, "stroke-dasharray": DASHES[index % 6] });
      item.append(element("svg", { "aria-hidden": "true" }, swatch), name);
      made.append(item);
    });
    return made;
  };
  const whole = (value) => (Number.isInteger(value) ? value.toLocaleString("en") : "");
  const long = ({ data, rows, label }) => rows.flatMap((row) => data.y.map((name) => ({ ...row, value: row[name], name: label(name) })));
  const base = { className: "drawn", marginTop: 18 };
  const month = (text) => new Date(text + "-01T00:00:00Z");

  const columns = (chart) => {
    const { data, label, width } = chart;
    const names = data.y.map(label);
    const dated = long(chart).filter((row) => /^\d{4}-\d\d$/.test(row[data.x]));
    const picture = Plot.plot({
      ...base, width, height: width < 500 ? 200 : 260, marginLeft: 44,
      x: { label: null, type: "utc" }, y: { label: null, grid: true, ticks: 4, tickFormat: whole },
      color: { domain: names, range: COLOURS },
      marks: [
        Plot.rectY(dated, { x: (row) => month(row[data.x]), y: "value", interval: "month", fill: "name", order: names, insetLeft: 1, insetRight: 1 }),
        Plot.tip(dated, Plot.pointerX(Plot.stackY({ x: (row) => month(row[data.x]), y: "value", order: names, z: "name", title: (row) => `${row[data.x]}\n${row.name}: ${row.value.toLocaleString("en")}`, fill: "var(--raised)" }))),
        Plot.ruleY([0], { stroke: "var(--rule)" }),
      ],
    });
    return [legendOf(names, COLOURS), picture];
  };
  const bars = (chart) => {
    const { data, label, width, shown } = chart;
    const names = data.y.map(label);
    const total = (row) => data.y.reduce((sum, name) => sum + row[name], 0);
    const rows = chart.rows.filter(total);
    const most = width < 500 ? 10 : 22;
    const keys = rows.map((_, index) => index);
    const margin = Math.min(Math.max(0, ...rows.map((row) => wide(short(shown(row[data.x]), most)))) + 14, width * 0.45);
    const parts = rows.flatMap((row, index) => data.y.map((name) => ({ index, value: row[name], name: label(name), row })));
    const picture = Plot.plot({
      ...base, marginTop: 6, width, height: rows.length * 25 + 34, marginLeft: margin, marginRight: 46,
      x: { label: null, grid: true, ticks: 4, tickFormat: whole },
      y: { label: null, domain: keys, tickFormat: (index) => short(shown(rows[index][data.x]), most), tickSize: 0 },
      color: { domain: names, range: COLOURS },
      marks: [
        Plot.barX(parts, { x: "value", y: "index", fill: "name", order: names, insetTop: 3, insetBottom: 3 }),
        Plot.text(rows, { x: total, y: (_, index) => index, text: (row) => total(row).toLocaleString("en"), textAnchor: "start", dx: 5, fill: "var(--soft)" }),
        Plot.tip(parts, Plot.pointerY(Plot.stackX({ x: "value", y: "index", order: names, z: "name", title: (part) => `${shown(part.row[data.x])}\n${part.name}: ${part.value.toLocaleString("en")}`, fill: "var(--raised)" }))),
      ],
    });
    return [names.length > 1 ? legendOf(names, COLOURS) : null, picture];
  };
  const lines = (chart) => {
    const { data, rows, width } = chart;
    const names = [...new Set(rows.map((row) => row[data.series]))];
    const picture = Plot.plot({
      ...base, width, height: width < 500 ? 220 : 280, marginLeft: 44,
      x: { label: null, type: "utc" }, y: { label: null, grid: true, ticks: 4, tickFormat: "~%" },
      marks: [
        ...names.map((name, index) => Plot.lineY(rows.filter((row) => row[data.series] === name), {
          x: (row) => month(row[data.x]), y: data.y[0], stroke: `var(--c${index % 6})`, strokeWidth: 2, strokeDasharray: DASHES[index % 6], marker: "dot",
        })),
        Plot.tip(rows, Plot.pointer({ x: (row) => month(row[data.x]), y: data.y[0], title: (row) => `${row[data.series]}\n${row[data.x]}: ${Math.round(row[data.y[0]] * 100)} %`, fill: "var(--raised)" })),
      ],
    });
    return [legendOf(names), picture];
  };
  const spread = (chart) => {
    const { data, rows, label, width } = chart;
    const names = data.y.map(label);
    const most = width < 500 ? 9 : 18;
    const keys = rows.map((_, index) => index);
    const marks = rows.flatMap((row, index) => data.y.filter((name) => row[name]).map((name) => ({ index, at: new Date(row[name]), name: label(name), row })));
    const margin = Math.min(Math.max(...rows.map((row) => wide(short(row[data.x], most)))) + 14, width * 0.45);
    const picture = Plot.plot({
      ...base, marginTop: 6, width, height: rows.length * 25 + 34, marginLeft: margin, marginRight: 20,
      x: { label: null, type: "utc", grid: true }, y: { label: null, domain: keys, tickFormat: (index) => short(rows[index][data.x], most), tickSize: 0 },
      symbol: { domain: names, legend: true }, color: { domain: names, range: [0, 1, 2, 3, 5].map((number) => `var(--c${number})`) },
      marks: [
        Plot.ruleY(marks, Plot.groupY({ x1: "min", x2: "max" }, { y: "index", x1: "at", x2: "at", stroke: "var(--rule)", strokeWidth: 2 })),
        Plot.dot(marks, { x: "at", y: "index", symbol: "name", fill: "name", r: 5 }),
        Plot.tip(marks, Plot.pointer({ x: "at", y: "index", title: (mark) => `${mark.row[data.x]}\n${mark.name}: ${mark.at.toISOString().slice(0, 10)}`, fill: "var(--raised)" })),
      ],
    });
    return [null, picture];
  };
  const matrix = (chart) => {
    const { data, rows, width, shown } = chart;
    const count = (name) => d3.rollups(rows, (own) => d3.sum(own, (row) => row[data.y[0]]), (row) => row[name]).sort((a, b) => d3.descending(a[1], b[1])).slice(0, 14).map((one) => one[0]);
    const across = count(data.x);
    const down = count(data.series);
    const cells = rows.filter((row) => across.includes(row[data.x]) && down.includes(row[data.series]));
    const margin = Math.max(...down.map((name) => wide(short(shown(name), 12)))) + 12;
    const picture = Plot.plot({
      ...base, width: Math.max(Math.min(width, margin + across.length * 64 + 40), margin + across.length * 34), height: down.length * 30 + 130, marginTop: 8, marginLeft: margin, marginBottom: 112,
      x: { label: null, domain: across, tickRotate: -50, tickFormat: (name) => short(shown(name), 10), tickSize: 0 },
      y: { label: null, domain: down, tickFormat: (name) => short(shown(name), 12), tickSize: 0 },
      opacity: { type: "sqrt", range: [0.25, 1] },
      marks: [
        Plot.cell(cells, { x: data.x, y: data.series, fill: "var(--c0)", fillOpacity: data.y[0], inset: 1, rx: 3 }),
        Plot.text(cells, { x: data.x, y: data.series, text: (row) => row[data.y[0]].toLocaleString("en"), fill: "var(--ink)", stroke: "var(--raised)", strokeWidth: 3, fontWeight: 600 }),
      ],
    });
    return [null, picture];
  };
  const KINDS = { columns, bars, lines, spread, matrix };

  // The register: all of its lines are in the page, packed.
  const PAGE = 50;
  const FIELDS = ["number", "task", "by", "bodies", "deadline", "state", "schedule", "domain", "set", "area", "target", "events"];
  const prepareRegister = () => {
    const words = json(at("words"));
    const label = (value) => (words[value] ? said(words[value]) : value);
    const list = at("tasks");
    let tasks = [];
    let found = [];
    let count = PAGE;

    const node = (name, className, ...children) => {
      const made = document.createElement(name);
      if (className) made.className = className;
      made.append(...children);
      return made;
    };
    const option = (value, text) => { const made = node("option", "", text); made.value = value; return made; };
    const fill = (select, values) => {
      const before = select.value;
      select.replaceChildren(option("", label("all")), ...values.map((value) => option(value, label(value))));
      select.value = before;
    };
    const isSoon = (task) => task.deadline && task.deadline >= words.today && task.deadline <= words.soon && !/completed|cancelled/.test(task.state);
    const DUE = {
      passed: (task) => task.deadline && task.deadline < words.today, soon: isSoon,
      later: (task) => task.deadline > words.soon, none: (task) => !task.deadline,
    };
    const fits = (task, wanted) =>
      (!wanted.state || task.state === wanted.state || (wanted.state === "progress" && task.state === "started")) &&
      (!wanted.domain || task.domain === wanted.domain) && (!wanted.due || DUE[wanted.due](task)) &&
      (!wanted.body || task.bodies.some((body) => body.includes(wanted.body))) &&
      wanted.words.every((word) => task.text.includes(word));
    const event = ([kind, day, article, sentence, text, hasPage]) => {
      const line = node("li", "", node("time", "", day || "–"), node("b", "", label(kind)));
      if (article && hasPage) {
        const link = node("a", "", text || label("the sentence"));
        link.href = `articles/${article}.html#s${sentence}`;
        line.append(link);
      } else line.append(text || "", " ", node("code", "", article));
      return line;
    };
    const chip = ([kind, day, article, sentence]) => {
      const link = node("a", "chip", `${label(kind)} ${day}`);
      link.href = `articles/${article}.html#s${sentence}`;
      return link;
    };
    const item = (task) => {
      const facts = [`№ ${task.number}`, ...task.bodies, task.area, task.deadline ? `${label("due")} ${task.deadline}` : "", label(task.schedule), task.domain === "none" ? "" : label(task.domain), task.by ? `${label("set by")} ${task.by}` : "", task.set];
      const more = node("details", "", node("summary", "", `${label("Timeline")} (${task.events.length})`));
      more.addEventListener("toggle", () => { if (more.open && !more.querySelector("ol")) more.append(node("ol", "timeline", ...task.events.map(event))); });
      return node("li", "task " + task.state,
        node("div", "head", node("span", "state " + task.state, label(task.state)), node("span", "words", node("bdi", "", task.task))),
        node("p", "facts", ...facts.filter(Boolean).map((fact) => node("bdi", "", fact))),
        node("p", "chips", ...task.events.filter((one) => one[5]).slice(-3).map(chip)), task.events.length > 1 ? more : "");
    };
    const show = () => {
      list.replaceChildren(...found.slice(0, count).map(item));
      at("further").hidden = found.length <= count;
      at("found").textContent = `${found.length.toLocaleString("en")} / ${tasks.length.toLocaleString("en")}`;
    };
    const search = () => {
      const wanted = { state: at("by-state").value, domain: at("by-domain").value, due: at("by-due").value, body: at("by-body").value.trim(), words: at("by-find").value.toLowerCase().split(/\s+/).filter(Boolean) };
      found = tasks.filter((task) => fits(task, wanted));
      count = PAGE;
      show();
    };
    const follow = () => {
      if (!location.hash.startsWith("#?")) return;
      const values = new URLSearchParams(location.hash.slice(2));
      for (const name of ["state", "domain", "due", "body"]) at("by-" + name).value = values.get(name) || "";
      at("by-find").value = values.get("find") || "";
      search();
      at("register").scrollIntoView();
    };
    const write = () => {
      const cell = (value) => `"${(/^[=+\-@\t\r]/.test(value) ? "'" : "") + String(value).replaceAll('"', '""')}"`;
      const rows = found.map((task) => [task.number, task.task, task.bodies.join("、"), task.deadline, task.state, task.domain, task.by, task.set, task.area, ...[task.events[0]?.[2] || ""]]);
      const head = ["task_no", "task", "responsible_bodies", "deadline", "state", "domain", "set_by", "set_on", "jurisdiction", "article_id"];
      const link = node("a");
      link.href = URL.createObjectURL(new Blob(["\ufeff" + [head, ...rows].map((row) => row.map(cell).join(",")).join("\n") + "\n"], { type: "text/csv" }));
      link.download = "register-selection.csv";
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    };
    const named = () => {
      fill(at("by-state"), ["overdue", "set", "progress", "completed", "cancelled"]);
      fill(at("by-due"), ["passed", "soon", "later", "none"].map((one) => one));
      fill(at("by-domain"), [...new Set(tasks.map((task) => task.domain))].sort());
      if (tasks.length) show();
    };
    const unpack = async () => {
      const bytes = Uint8Array.from(atob(json(at("register-data"))), (mark) => mark.charCodeAt(0));
      const text = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
      tasks = JSON.parse(text).map((row) => Object.fromEntries(FIELDS.map((name, index) => [name, row[index]])));
      for (const task of tasks) task.text = [task.number, task.task, task.by, ...task.bodies, task.area, task.target, ...task.events.map((one) => one[4])].join(" ").toLowerCase();
      const bodies = d3.rollups(tasks.flatMap((task) => task.bodies), (own) => own.length, (body) => body).sort((a, b) => b[1] - a[1]).slice(0, 300);
      at("by-bodies").replaceChildren(...bodies.map(([body]) => option(body, "")));
      document.querySelector(".filters").hidden = false;
      found = tasks;
      named();
      search();
      follow();
      root.classList.add("ready");
    };
    drawAgain.push(named);
    for (const name of ["state", "domain", "due", "body", "find"]) at("by-" + name).addEventListener("input", search);
    document.querySelector(".filters").addEventListener("submit", (submitted) => submitted.preventDefault());
    at("further").addEventListener("click", () => { count += PAGE * 4; show(); });
    at("clear").addEventListener("click", () => { document.querySelector(".filters").reset(); search(); });
    at("save").addEventListener("click", write);
    addEventListener("hashchange", follow);
    // A browser without DecompressionStream keeps the lines that stand in the page, and the files.
    if ("DecompressionStream" in window) unpack();
  };
  start();
})();
