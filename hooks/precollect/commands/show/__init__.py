"""`precollect show`: what pytest would know and do, started in one folder, as far as the files of a commit tell."""
