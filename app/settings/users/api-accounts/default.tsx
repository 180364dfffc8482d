/** Next.js renders this if it refreshes an open sheet. The browser keeps the list instead. */
export default function ListDefault() {
  return null;
}
