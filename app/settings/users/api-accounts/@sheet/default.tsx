/** Shows no sheet: the account that the URL names stands alone. */
export default function NoSheet() {
  return null;
}
