-- Which endpoints more than a few unsuspected sessions asked for; NULL before a preview said it.
ALTER TABLE judgement ADD COLUMN usual BLOB;
