/** The element of the page with this id. Throws where the page has none, which would be a defect of its making. */
export function found<T extends HTMLElement>(id: string): T {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page has no #${id}`);
  return element as T;
}
