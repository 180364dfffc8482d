type RoleByClaimProps = {
  /** The provider whose claim gives roles; null where none does. */
  provider: string | null;
  /** An account there is linked with the user. */
  linked: boolean;
};

/** Says how long a role lasts that is chosen by hand, where a claim at the provider gives it. */
export function RoleByClaim({ provider, linked }: RoleByClaimProps) {
  if (!provider) return null;
  return (
    <span className="mt-1 block break-words">
      {linked
        ? `The role of this user comes from ${provider}, at each sign-in there: change it there. What you choose here is theirs only until then.`
        : `Whoever signs in with ${provider} has the role that they have there, whatever you choose here.`}
    </span>
  );
}
