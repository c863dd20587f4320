import type { CallerUser } from '../../ports.js';

/** What Taiga's login answers: the user, and the token with which its client goes on. What Hooklane does not keep of a user is as for a new one. */
export function loggedIn({ number, userName, name, email }: CallerUser, { token, gravatarId }: { readonly token: string; readonly gravatarId: string }): Readonly<Record<string, unknown>> {
  return {
    id: number,
    username: userName,
    full_name: name,
    full_name_display: name,
    color: '#d0d8e0',
    bio: '',
    lang: '',
    theme: '',
    timezone: '',
    is_active: true,
    photo: null,
    big_photo: null,
    gravatar_id: gravatarId,
    roles: [],
    email: email ?? '',
    max_private_projects: null,
    max_public_projects: null,
    max_memberships_private_projects: null,
    max_memberships_public_projects: null,
    read_new_terms: true,
    accepted_terms: true,
    auth_token: token,
  };
}
