import type { CallerUser } from '../../ports.js';

/** A user as Taiga shows it to itself. What Hooklane does not keep of one is as for a new one. */
export function userView({ number, userName, name, email }: CallerUser, gravatarId: string): Readonly<Record<string, unknown>> {
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
  };
}
