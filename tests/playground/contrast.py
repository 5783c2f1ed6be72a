"""A script for the browser: which visible texts have less contrast than WCAG 2.2 AA asks (1.4.3)."""

UNREADABLE = """() => {
  const channels = (color) => {
    const [r, g, b, a = 1] = color.match(/[\\d.]+/g).map(Number);
    return { rgb: [r, g, b], a };
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const { rgb, a } = channels(getComputedStyle(at).backgroundColor);
      if (a === 1) return rgb;
      if (a > 0) throw new Error("a half-transparent ground is not judged: " + at.className);
    }
    return [255, 255, 255];
  };
  const unreadable = [];
  let count = 0;
  const judge = (node, color, text) => {
    count += 1;
    const [bright, dim] = [luminance(channels(color).rgb), luminance(behind(node))].sort((a, b) => b - a);
    const ratio = (bright + 0.05) / (dim + 0.05);
    if (ratio < 4.5) unreadable.push(`${text.trim().slice(0, 30)}: ${ratio.toFixed(2)}`);
  };
  for (const node of document.querySelectorAll("body *")) {
    if (!node.checkVisibility() || node.matches(".hidden")) continue;
    const words = [...node.childNodes].filter((child) => child.nodeType === 3).map((child) => child.data).join("");
    if (words.trim()) judge(node, getComputedStyle(node).color, words);
    if (node.placeholder) judge(node, getComputedStyle(node, "::placeholder").color, node.placeholder);
  }
  return { count, unreadable };
}"""
