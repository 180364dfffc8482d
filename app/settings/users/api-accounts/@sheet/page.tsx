/** Shows no sheet over the list. Without this page, a link to the list would leave an open sheet in place. */
export default function NoSheet() {
  return null;
}
