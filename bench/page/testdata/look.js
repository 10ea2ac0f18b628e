// What the page shows, for look_test.go. Positions are those on the page.
(() => {
	const box = (e) => {
		const r = e.getBoundingClientRect();
		return { Left: r.left + scrollX, Top: r.top + scrollY, Right: r.right + scrollX, Bottom: r.bottom + scrollY };
	};
	const rgb = (color) => color.match(/[\d.]+/g).slice(0, 3).map(Number);
	const paint = (color) => color === "none" ? "" : color;
	const shape = (e) => {
		const style = getComputedStyle(e), stroke = paint(style.stroke);
		const variable = (e.getAttribute("style") || "").match(/var\((--\w+)\)/);
		// Paths of plots are made of points: M and L.
		const matrix = e.getScreenCTM();
		const points = stroke ? [...e.getAttribute("d").matchAll(/[ML]([^,]+),([^MLZ]+)/g)].map(([, x, y]) => {
			const p = new DOMPoint(x, y).matrixTransform(matrix);
			return [p.x + scrollX, p.y + scrollY];
		}) : [];
		return { Fill: paint(style.fill), Stroke: stroke, Variable: variable ? variable[1] : "", Box: box(e), Path: points };
	};
	const plots = [...document.querySelectorAll("figure")].map((f) => {
		const svg = f.querySelector("svg");
		return {
			Caption: f.querySelector("figcaption").textContent,
			Title: svg.querySelector("title").textContent,
			Label: svg.getAttribute("aria-label"),
			Box: box(svg),
			Texts: [...svg.querySelectorAll("text")].map((e) => ({
				Text: e.textContent, Box: box(e), Turned: !!e.closest("g[transform^=rotate]"),
			})),
			Shapes: [...svg.querySelectorAll("path")].map(shape),
		};
	});
	const tables = [...document.querySelectorAll("table")].map((t) => ({
		Caption: t.caption.textContent,
		Rows: [...t.rows].map((r) => [...r.cells].map((c) => c.innerText.replace(/\s+/g, " ").trim())),
	}));
	const ways = {};
	for (const li of document.querySelectorAll(".ways li")) {
		ways[li.textContent] = getComputedStyle(li.querySelector(".swatch")).backgroundColor;
	}
	const body = getComputedStyle(document.body), root = getComputedStyle(document.documentElement);
	return {
		Width: document.documentElement.clientWidth, ScrollWidth: document.documentElement.scrollWidth,
		Ink: rgb(body.color), Paper: rgb(root.backgroundColor),
		Scripts: document.scripts.length, Images: document.images.length,
		Text: document.body.innerText, Plots: plots, Tables: tables, Ways: ways,
	};
})()
