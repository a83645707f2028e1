-- CreateTable
CREATE TABLE "AuditLine" (
    "seq" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "entry" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "host" TEXT NOT NULL,
    "outcome" TEXT NOT NULL,
    "asked" INTEGER,
    "change" TEXT
);

-- CreateIndex
CREATE INDEX "AuditLine_userId_idx" ON "AuditLine"("userId");

-- CreateIndex
CREATE INDEX "AuditLine_host_idx" ON "AuditLine"("host");

-- CreateIndex
CREATE INDEX "AuditLine_outcome_idx" ON "AuditLine"("outcome");

-- Lines are added one after the other, and that is all. A REPLACE, which removes without the trigger for it, has no next number.
CREATE TRIGGER "AuditLine_next" BEFORE INSERT ON "AuditLine"
WHEN NEW."seq" IS NOT (SELECT coalesce(max("seq"), 0) + 1 FROM "AuditLine")
BEGIN
    SELECT RAISE(ABORT, 'the audit is added to at its end only');
END;

CREATE TRIGGER "AuditLine_unchanged" BEFORE UPDATE ON "AuditLine"
BEGIN
    SELECT RAISE(ABORT, 'the audit is never changed');
END;

CREATE TRIGGER "AuditLine_kept" BEFORE DELETE ON "AuditLine"
BEGIN
    SELECT RAISE(ABORT, 'nothing of the audit is removed');
END;
