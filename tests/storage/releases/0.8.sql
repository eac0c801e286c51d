BEGIN TRANSACTION;
CREATE TABLE asked (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	conversation VARCHAR(255) NOT NULL, 
	channel VARCHAR(40) NOT NULL, 
	at DATETIME NOT NULL, 
	text TEXT NOT NULL, 
	words VARCHAR(200) NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	intent VARCHAR(100) NOT NULL, 
	confidence FLOAT NOT NULL, 
	suggestions TEXT NOT NULL, 
	model VARCHAR(64) NOT NULL, 
	pressed VARCHAR(100), 
	sign VARCHAR(20), 
	outcome VARCHAR(20), 
	handled DATETIME
);
INSERT INTO "asked" VALUES(1,'web-8d88989b3db9ee0316c739280a7c5955','web','2026-11-27 16:10:15.398067','Vad kostar tjänsten?','vad kostar tjänsten','answered','resident_fee',9.97401142382466576741e-01,'','5d983b42784b42818e6b45e317d0d2a7',NULL,NULL,NULL,NULL);
INSERT INTO "asked" VALUES(2,'web-8d88989b3db9ee0316c739280a7c5955','web','2026-11-27 16:10:15.415063','Vad blir det för väder?','vad blir det för väder','refused','out_of_scope',9.98827667228351923078e-01,'','5d983b42784b42818e6b45e317d0d2a7',NULL,NULL,NULL,NULL);
INSERT INTO "asked" VALUES(3,'web-8d88989b3db9ee0316c739280a7c5955','web','2026-11-27 16:10:15.427129','Mitt personnummer är [personnummer], kan jag logga in?','mitt personnummer är pnrtoken kan jag logga in','answered','parent_as_proxy',0.723368526026073,'','5d983b42784b42818e6b45e317d0d2a7',NULL,NULL,NULL,NULL);
INSERT INTO "asked" VALUES(4,'web-86c4c8b2647621c8deef25a09410ed85','web','2026-11-27 16:10:15.447350','jag vill prata med en människa','jag vill prata med en människa','handoff','talk_to_human',9.98995966219381137385e-01,'','5d983b42784b42818e6b45e317d0d2a7','inform_affected',NULL,NULL,NULL);
INSERT INTO "asked" VALUES(5,'web-9a8be032de700fbb0553f5b28a50e17d','web','2026-11-27 16:10:16.382761','jag vill prata med en människa','jag vill prata med en människa','handoff','talk_to_human',9.98995966219381137385e-01,'','5d983b42784b42818e6b45e317d0d2a7','inform_affected',NULL,NULL,NULL);
INSERT INTO "asked" VALUES(6,'web-cf235b12f86f61c3e4d4ce4903df887e','web','2026-11-27 16:10:17.325814','Det står ”Webbsidan kan inte visas” när jag försöker logga in','det står webbsidan kan inte visas när jag försöker logga in','guide','page_cannot_be_displayed',9.99998568628375217315e-01,'','5d983b42784b42818e6b45e317d0d2a7',NULL,NULL,NULL,NULL);
CREATE TABLE audit_head (
	id INTEGER NOT NULL, 
	entry INTEGER NOT NULL, 
	hash VARCHAR(64) NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "audit_head" VALUES(1,6,'926e93f7109a8cebe990979cfd1f09831ee145cd9249e9b6c4e85060508eb4f7');
CREATE TABLE audit_log (
	id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	actor TEXT NOT NULL, 
	actor_name TEXT NOT NULL, 
	action TEXT NOT NULL, 
	case_id INTEGER, 
	detail TEXT NOT NULL, 
	previous VARCHAR(64) NOT NULL, 
	hash VARCHAR(64) NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (previous), 
	UNIQUE (hash)
);
INSERT INTO "audit_log" VALUES(1,'2026-11-27 16:10:18.890706','id-aasa','Åsa Lind','take',1,'','0000000000000000000000000000000000000000000000000000000000000000','a471b7b91eeddc737d93e124da5d922fea786d3652ba85f953921807403bb74c');
INSERT INTO "audit_log" VALUES(2,'2026-11-27 16:10:18.893453','id-aasa','Åsa Lind','note',1,'','a471b7b91eeddc737d93e124da5d922fea786d3652ba85f953921807403bb74c','3c63c5ab39a464ec3b11cd853ea68231627177ef4eafdcd5ebf2a8686577791c');
INSERT INTO "audit_log" VALUES(3,'2026-11-27 16:10:18.897540','id-aasa','Åsa Lind','take',2,'','3c63c5ab39a464ec3b11cd853ea68231627177ef4eafdcd5ebf2a8686577791c','697860f6133168c3848f71b2b2fcad724cfb31925ed20051237e192d04da4454');
INSERT INTO "audit_log" VALUES(4,'2026-11-27 16:10:18.899404','id-aasa','Åsa Lind','note',2,'','697860f6133168c3848f71b2b2fcad724cfb31925ed20051237e192d04da4454','16599dda7f2b5cbc3377fded7a05c31978edcf12e98f735a1b926b6cb4393526');
INSERT INTO "audit_log" VALUES(5,'2026-11-27 16:10:18.902345','id-aasa','Åsa Lind','reply',1,'','16599dda7f2b5cbc3377fded7a05c31978edcf12e98f735a1b926b6cb4393526','f297d92ad3aa0474ae3803c8a344db6ac6ca8e90d62c59449cdf8245374e69cc');
INSERT INTO "audit_log" VALUES(6,'2026-11-27 16:10:18.903574','id-aasa','Åsa Lind','export',NULL,'queue','f297d92ad3aa0474ae3803c8a344db6ac6ca8e90d62c59449cdf8245374e69cc','926e93f7109a8cebe990979cfd1f09831ee145cd9249e9b6c4e85060508eb4f7');
CREATE TABLE case_choices (
	name VARCHAR(10) NOT NULL, 
	value VARCHAR(200) NOT NULL, 
	PRIMARY KEY (name, value)
);
INSERT INTO "case_choices" VALUES('channel','web');
CREATE TABLE case_events (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	case_id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	desk VARCHAR(40) NOT NULL, 
	external VARCHAR(255), 
	text TEXT NOT NULL, 
	conversation VARCHAR(255), 
	channel VARCHAR(40), 
	tell_at DATETIME, 
	tries INTEGER NOT NULL, 
	author VARCHAR(200) DEFAULT '' NOT NULL, 
	version INTEGER, 
	UNIQUE (case_id, desk, external)
);
INSERT INTO "case_events" VALUES(1,1,'2026-11-27 16:10:16.040915','confirmed','',NULL,'',NULL,NULL,NULL,0,'',1);
INSERT INTO "case_events" VALUES(2,1,'2026-11-27 16:10:16.285178','delivered','webhook',NULL,'ARENDE-1',NULL,NULL,NULL,0,'',NULL);
INSERT INTO "case_events" VALUES(3,2,'2026-11-27 16:10:16.482058','confirmed','',NULL,'',NULL,NULL,NULL,0,'',1);
INSERT INTO "case_events" VALUES(4,1,'2026-11-27 16:10:18.886398','taken','',NULL,'',NULL,NULL,NULL,0,'Åsa Lind',2);
INSERT INTO "case_events" VALUES(5,1,'2026-11-27 16:10:18.886398','status','',NULL,'open','web-86c4c8b2647621c8deef25a09410ed85','web','2026-11-27 16:10:18.886398',0,'Åsa Lind',2);
INSERT INTO "case_events" VALUES(6,1,'2026-11-27 16:10:18.892608','note','',NULL,'Ringde tillbaka, ingen svarade.',NULL,NULL,NULL,0,'Åsa Lind',NULL);
INSERT INTO "case_events" VALUES(7,2,'2026-11-27 16:10:18.895082','taken','',NULL,'',NULL,NULL,NULL,0,'Åsa Lind',2);
INSERT INTO "case_events" VALUES(8,2,'2026-11-27 16:10:18.895082','status','',NULL,'open','web-9a8be032de700fbb0553f5b28a50e17d','web','2026-11-27 16:10:18.895082',0,'Åsa Lind',2);
INSERT INTO "case_events" VALUES(9,2,'2026-11-27 16:10:18.898653','note','',NULL,'Ringde tillbaka, ingen svarade.',NULL,NULL,NULL,0,'Åsa Lind',NULL);
INSERT INTO "case_events" VALUES(10,1,'2026-11-27 16:10:18.900970','reply','',NULL,'Vi har startat om tjänsten. Prova igen.','web-86c4c8b2647621c8deef25a09410ed85','web','2026-11-27 16:10:18.900970',0,'Åsa Lind',3);
CREATE TABLE case_words (
	word VARCHAR(40) NOT NULL, 
	case_id INTEGER NOT NULL, 
	PRIMARY KEY (word, case_id)
)
 WITHOUT ROWID

;
INSERT INTO "case_words" VALUES('000001',1);
INSERT INTO "case_words" VALUES('1',1);
INSERT INTO "case_words" VALUES('blir',1);
INSERT INTO "case_words" VALUES('ett',1);
INSERT INTO "case_words" VALUES('formulär',1);
INSERT INTO "case_words" VALUES('fönstret',1);
INSERT INTO "case_words" VALUES('jag',1);
INSERT INTO "case_words" VALUES('när',1);
INSERT INTO "case_words" VALUES('vitt',1);
INSERT INTO "case_words" VALUES('öppnar',1);
INSERT INTO "case_words" VALUES('000002',2);
INSERT INTO "case_words" VALUES('2',2);
INSERT INTO "case_words" VALUES('deltagare',2);
INSERT INTO "case_words" VALUES('listan',2);
INSERT INTO "case_words" VALUES('med',2);
INSERT INTO "case_words" VALUES('mina',2);
INSERT INTO "case_words" VALUES('tom',2);
INSERT INTO "case_words" VALUES('är',2);
CREATE TABLE cases (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	"key" VARCHAR(64) NOT NULL, 
	created DATETIME NOT NULL, 
	status VARCHAR(20) NOT NULL, 
	conversation VARCHAR(255) NOT NULL, 
	channel VARCHAR(40) NOT NULL, 
	category VARCHAR(80) DEFAULT '' NOT NULL, 
	parent INTEGER, 
	lane VARCHAR(10) DEFAULT '' NOT NULL, 
	live INTEGER DEFAULT '0' NOT NULL, 
	level VARCHAR(10) DEFAULT '' NOT NULL, 
	reasons VARCHAR(200) DEFAULT '' NOT NULL, 
	due DATETIME, 
	due_from DATETIME, 
	changed DATETIME, 
	answered INTEGER DEFAULT '0' NOT NULL, 
	version INTEGER DEFAULT '1' NOT NULL, 
	assignee VARCHAR(255) DEFAULT '' NOT NULL, 
	assignee_name VARCHAR(200) DEFAULT '' NOT NULL, 
	resolution VARCHAR(20) DEFAULT '' NOT NULL, 
	merged_into INTEGER, 
	notice INTEGER, 
	guide VARCHAR(80) DEFAULT '' NOT NULL, 
	unit VARCHAR(120) DEFAULT '' NOT NULL, 
	title VARCHAR(200) DEFAULT '' NOT NULL, 
	section VARCHAR(200) DEFAULT '' NOT NULL, 
	problem VARCHAR(300) DEFAULT '' NOT NULL, 
	body TEXT NOT NULL, 
	UNIQUE ("key")
);
INSERT INTO "cases" VALUES(1,'a8abac6e3a1140ad9c609f3d0dcdeed3','2026-11-27 16:10:16.040915','open','web-86c4c8b2647621c8deef25a09410ed85','web','',NULL,'taken',1,'urgent','patient_waits','2026-11-27 16:25:16.037457','2026-11-27 16:10:16.040915','2026-11-27 16:10:18.900605',0,3,'id-aasa','Åsa Lind','',NULL,NULL,'','','','','Fönstret blir vitt när jag öppnar ett formulär','{"version": 1, "problem": "Fönstret blir vitt när jag öppnar ett formulär", "reason": "", "target": "it_service", "target_name": "IT kundservice", "added": "", "category": {"id": "", "title": "", "section": ""}, "tried": [], "facts": {}, "contact": {"phone": "", "email": "", "name": "", "unit": "", "hsa_id": "", "chat": true, "said": ""}, "impact": "patient_waits", "priority": {"level": "urgent", "reasons": ["patient_waits"]}, "transcript": [{"at": "2026-11-27T16:10:15+00:00", "who": "bot", "text": "Hej! Jag är Lotsen, en chattrobot för dig som arbetar med **Stöd och behandling**.\n\n- Jag svarar på vanliga frågor.\n- Jag går igenom tekniska problem med dig, ett steg i taget.\n- Är felet kvar skickar jag ett ärende till IT kundservice, med det du redan har provat.\n\nSkriv inga personuppgifter här, varken dina egna eller någon patients. Vad gäller det?"}, {"at": "2026-11-27T16:10:15+00:00", "who": "user", "text": "jag vill prata med en människa"}, {"at": "2026-11-27T16:10:15+00:00", "who": "bot", "text": "Jag hjälper dig att skicka ett ärende till IT kundservice. Är det bråttom kan du ringa IT kundservice på 14141. Du kan också göra ärendet själv i Tjänstekatalogen."}, {"at": "2026-11-27T16:10:15+00:00", "who": "bot", "text": "Vem har problemet?"}, {"at": "2026-11-27T16:10:15+00:00", "who": "user", "text": "En patient väntar på mig"}, {"at": "2026-11-27T16:10:15+00:00", "who": "bot", "text": "Vad är problemet? Skriv kort vad som händer och vad som står på skärmen. Skriv inga personuppgifter."}, {"at": "2026-11-27T16:10:15+00:00", "who": "user", "text": "Fönstret blir vitt när jag öppnar ett formulär"}, {"at": "2026-11-27T16:10:15+00:00", "who": "bot", "text": "Hur når IT kundservice dig? Skriv telefonnummer eller e-post, och gärna ditt namn och din enhet. Du kan också få svaret här i chatten."}, {"at": "2026-11-27T16:10:16+00:00", "who": "user", "text": "Svara här i chatten"}, {"at": "2026-11-27T16:10:16+00:00", "who": "user", "text": "Ja, skicka"}]}');
INSERT INTO "cases" VALUES(2,'e5fe5d722b6745728eaf3e351beb3406','2026-11-27 16:10:16.482058','open','web-9a8be032de700fbb0553f5b28a50e17d','web','',NULL,'taken',1,'normal','','2026-11-28 00:10:16.481494','2026-11-27 16:10:16.482058','2026-11-27 16:10:18.898274',0,2,'id-aasa','Åsa Lind','',NULL,NULL,'','','','','Listan med mina deltagare är tom','{"version": 1, "problem": "Listan med mina deltagare är tom", "reason": "", "target": "it_service", "target_name": "IT kundservice", "added": "", "category": {"id": "", "title": "", "section": ""}, "tried": [], "facts": {}, "contact": {"phone": "", "email": "", "name": "", "unit": "", "hsa_id": "", "chat": true, "said": ""}, "impact": "one", "priority": {"level": "normal", "reasons": []}, "transcript": [{"at": "2026-11-27T16:10:16+00:00", "who": "bot", "text": "Hej! Jag är Lotsen, en chattrobot för dig som arbetar med **Stöd och behandling**.\n\n- Jag svarar på vanliga frågor.\n- Jag går igenom tekniska problem med dig, ett steg i taget.\n- Är felet kvar skickar jag ett ärende till IT kundservice, med det du redan har provat.\n\nSkriv inga personuppgifter här, varken dina egna eller någon patients. Vad gäller det?"}, {"at": "2026-11-27T16:10:16+00:00", "who": "user", "text": "jag vill prata med en människa"}, {"at": "2026-11-27T16:10:16+00:00", "who": "bot", "text": "Jag hjälper dig att skicka ett ärende till IT kundservice. Är det bråttom kan du ringa IT kundservice på 14141. Du kan också göra ärendet själv i Tjänstekatalogen."}, {"at": "2026-11-27T16:10:16+00:00", "who": "bot", "text": "Vem har problemet?"}, {"at": "2026-11-27T16:10:16+00:00", "who": "user", "text": "Jag eller en kollega"}, {"at": "2026-11-27T16:10:16+00:00", "who": "bot", "text": "Vad är problemet? Skriv kort vad som händer och vad som står på skärmen. Skriv inga personuppgifter."}, {"at": "2026-11-27T16:10:16+00:00", "who": "user", "text": "Listan med mina deltagare är tom"}, {"at": "2026-11-27T16:10:16+00:00", "who": "bot", "text": "Hur når IT kundservice dig? Skriv telefonnummer eller e-post, och gärna ditt namn och din enhet. Du kan också få svaret här i chatten."}, {"at": "2026-11-27T16:10:16+00:00", "who": "user", "text": "Svara här i chatten"}, {"at": "2026-11-27T16:10:16+00:00", "who": "user", "text": "Ja, skicka"}]}');
CREATE TABLE chat_conversations (
	conversation VARCHAR(255) NOT NULL, 
	began FLOAT NOT NULL, 
	ended FLOAT, 
	name VARCHAR(100) DEFAULT '' NOT NULL, 
	unit VARCHAR(100) DEFAULT '' NOT NULL, 
	seen FLOAT, 
	PRIMARY KEY (conversation)
);
INSERT INTO "chat_conversations" VALUES('web-8d88989b3db9ee0316c739280a7c5955',1.79579581536280822751e+09,NULL,'','',1.79579581536280822751e+09);
INSERT INTO "chat_conversations" VALUES('web-86c4c8b2647621c8deef25a09410ed85',1.79579581543382358547e+09,NULL,'','',1.79579581543382358547e+09);
INSERT INTO "chat_conversations" VALUES('web-9a8be032de700fbb0553f5b28a50e17d',1.79579581636360979075e+09,NULL,'','',1.79579581636360979075e+09);
INSERT INTO "chat_conversations" VALUES('web-cf235b12f86f61c3e4d4ce4903df887e',1.79579581730987811087e+09,NULL,'','',1.79579581730987811087e+09);
CREATE TABLE chat_messages (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	conversation VARCHAR(255) NOT NULL, 
	number INTEGER, 
	author VARCHAR(10) NOT NULL, 
	client_id VARCHAR(64), 
	created DATETIME NOT NULL, 
	body TEXT NOT NULL, 
	UNIQUE (conversation, client_id)
);
INSERT INTO "chat_messages" VALUES(1,'web-8d88989b3db9ee0316c739280a7c5955',1,'bot',NULL,'2026-11-27 16:10:15.383155','{"text": "Hej! Jag är Lotsen, en chattrobot för dig som arbetar med **Stöd och behandling**.\n\n- Jag svarar på vanliga frågor.\n- Jag går igenom tekniska problem med dig, ett steg i taget.\n- Är felet kvar skickar jag ett ärende till IT kundservice, med det du redan har provat.\n\nSkriv inga personuppgifter här, varken dina egna eller någon patients. Vad gäller det?", "choices": [["Jag kan inte logga in", "/login_problem"], ["Visa alla frågor", "/show_menu"], ["Kontakta IT kundservice", "/talk_to_human"]]}');
INSERT INTO "chat_messages" VALUES(2,'web-8d88989b3db9ee0316c739280a7c5955',2,'user','337e4083e84e43e1b2089b8b0736a2b4','2026-11-27 16:10:15.393125','{"text": "Vad kostar tjänsten?"}');
INSERT INTO "chat_messages" VALUES(3,'web-8d88989b3db9ee0316c739280a7c5955',3,'bot',NULL,'2026-11-27 16:10:15.399024','{"text": "Nej, det kostar inget för invånaren. Politikerna i Region Jönköpings län har beslutat att Stöd och behandling är avgiftsfritt.", "choices": [], "answer": "resident_fee"}');
INSERT INTO "chat_messages" VALUES(4,'web-8d88989b3db9ee0316c739280a7c5955',4,'user','c6eb877cd58b41d3b939fa3c05d687e6','2026-11-27 16:10:15.411186','{"text": "Vad blir det för väder?"}');
INSERT INTO "chat_messages" VALUES(5,'web-8d88989b3db9ee0316c739280a7c5955',5,'bot',NULL,'2026-11-27 16:10:15.416202','{"text": "Det kan jag tyvärr inte svara på. Jag kan bara frågor om Stöd och behandling. Behöver du hjälp med något annat? Ring IT kundservice på 14141 eller gör ett ärende i Tjänstekatalogen.", "choices": [["Visa vad jag kan", "/show_menu"], ["Kontakta IT kundservice", "/talk_to_human"]]}');
INSERT INTO "chat_messages" VALUES(6,'web-8d88989b3db9ee0316c739280a7c5955',6,'user','66fe7118382d43ff93d7c5942f60f23e','2026-11-27 16:10:15.421476','{"text": "Mitt personnummer är [personnummer], kan jag logga in?"}');
INSERT INTO "chat_messages" VALUES(7,'web-8d88989b3db9ee0316c739280a7c5955',7,'bot',NULL,'2026-11-27 16:10:15.428155','{"text": "Ja. Vårdnadshavare kan hantera stöd- eller behandlingsprogram som startats på barn **upp till 13 år** via ombudsfunktionen.\n\nOm ombudsfunktionen behövs beror på i vilket syfte programmet ska användas. Den behövs till exempel om vårdnadshavare ska utföra ärenden åt barn som barnet självt inte kan utföra.", "choices": [], "answer": "parent_as_proxy"}');
INSERT INTO "chat_messages" VALUES(8,'web-86c4c8b2647621c8deef25a09410ed85',1,'bot',NULL,'2026-11-27 16:10:15.438099','{"text": "Hej! Jag är Lotsen, en chattrobot för dig som arbetar med **Stöd och behandling**.\n\n- Jag svarar på vanliga frågor.\n- Jag går igenom tekniska problem med dig, ett steg i taget.\n- Är felet kvar skickar jag ett ärende till IT kundservice, med det du redan har provat.\n\nSkriv inga personuppgifter här, varken dina egna eller någon patients. Vad gäller det?", "choices": [["Jag kan inte logga in", "/login_problem"], ["Visa alla frågor", "/show_menu"], ["Kontakta IT kundservice", "/talk_to_human"]]}');
INSERT INTO "chat_messages" VALUES(9,'web-86c4c8b2647621c8deef25a09410ed85',2,'user','e4f259ecf9e94726ac38fa6f01b807b6','2026-11-27 16:10:15.442996','{"text": "jag vill prata med en människa"}');
INSERT INTO "chat_messages" VALUES(10,'web-86c4c8b2647621c8deef25a09410ed85',3,'bot',NULL,'2026-11-27 16:10:15.935046','{"text": "Jag hjälper dig att skicka ett ärende till IT kundservice. Är det bråttom kan du ringa IT kundservice på 14141. Du kan också göra ärendet själv i Tjänstekatalogen.", "choices": []}');
INSERT INTO "chat_messages" VALUES(11,'web-86c4c8b2647621c8deef25a09410ed85',4,'bot',NULL,'2026-11-27 16:10:15.944158','{"text": "Vem har problemet?", "choices": [["Jag eller en kollega", "/inform_affected{\"affected\": \"personal\"}"], ["Flera på jobbet", "/inform_affected{\"affected\": \"several\"}"], ["En patient väntar på mig", "/inform_affected{\"affected\": \"patient_waits\"}"], ["En invånare", "/inform_affected{\"affected\": \"invånare\"}"], ["Hoppa över", "/deny"], ["Skicka inget ärende", "/stop"]]}');
INSERT INTO "chat_messages" VALUES(12,'web-86c4c8b2647621c8deef25a09410ed85',5,'user','11500cbcb4674b6ca1dd28f07d456d83','2026-11-27 16:10:15.951612','{"text": "En patient väntar på mig"}');
INSERT INTO "chat_messages" VALUES(13,'web-86c4c8b2647621c8deef25a09410ed85',6,'bot',NULL,'2026-11-27 16:10:15.969531','{"text": "Vad är problemet? Skriv kort vad som händer och vad som står på skärmen. Skriv inga personuppgifter.", "choices": [["Hoppa över", "/deny"], ["Skicka inget ärende", "/stop"]]}');
INSERT INTO "chat_messages" VALUES(14,'web-86c4c8b2647621c8deef25a09410ed85',7,'user','cd3eebe2aa364b28bdc93022b507efe0','2026-11-27 16:10:15.977701','{"text": "Fönstret blir vitt när jag öppnar ett formulär"}');
INSERT INTO "chat_messages" VALUES(15,'web-86c4c8b2647621c8deef25a09410ed85',8,'bot',NULL,'2026-11-27 16:10:15.991833','{"text": "Hur når IT kundservice dig? Skriv telefonnummer eller e-post, och gärna ditt namn och din enhet. Du kan också få svaret här i chatten.", "choices": [["Svara här i chatten", "/change_contact{\"contact_way\": \"chat\"}"], ["Skicka inget ärende", "/stop"]]}');
INSERT INTO "chat_messages" VALUES(16,'web-86c4c8b2647621c8deef25a09410ed85',9,'user','e1d5b6fdc20943819f959f1f089fb8b5','2026-11-27 16:10:15.996929','{"text": "Svara här i chatten"}');
INSERT INTO "chat_messages" VALUES(17,'web-86c4c8b2647621c8deef25a09410ed85',10,'bot',NULL,'2026-11-27 16:10:16.011337','{"text": "Det här skickar jag till IT kundservice:\n\n**Problem:** Fönstret blir vitt när jag öppnar ett formulär\n**Till:** IT kundservice\n**Prioritet:** Brådskande (en patient väntar)\n**Nås på:** svar i chatten\n\nVårt samtal här kommer också med, utan personnummer. Ska jag skicka?", "choices": [["Ja, skicka", "/affirm"], ["Ändra texten", "/go_back"], ["Ändra hur jag nås", "/change_contact"], ["Ändra vem som har problemet", "/inform_affected"], ["Skicka inte", "/deny"]], "card": "preview"}');
INSERT INTO "chat_messages" VALUES(18,'web-86c4c8b2647621c8deef25a09410ed85',11,'user','38e0ca93d5644a00828a89dbaf3e72e0','2026-11-27 16:10:16.017062','{"text": "Ja, skicka"}');
INSERT INTO "chat_messages" VALUES(19,'web-86c4c8b2647621c8deef25a09410ed85',12,'bot',NULL,'2026-11-27 16:10:16.053450','{"text": "Klart! Ditt ärende till IT kundservice har nummer **LOT-000001** och kod **CQDQ-G8KC**. Det du har provat står i ärendet, så du behöver inte förklara det igen.\n\nBlir det bråttom ringer du IT kundservice på 14141 och säger numret. Du kan också göra ärenden i Tjänstekatalogen.\n\nNär de svarar ser du det här i chatten. Vill du veta hur det går, skriv ”hur går det med mitt ärende?”. Från en annan chatt behöver du både numret och koden.", "choices": [], "card": "receipt"}');
INSERT INTO "chat_messages" VALUES(20,'web-9a8be032de700fbb0553f5b28a50e17d',1,'bot',NULL,'2026-11-27 16:10:16.371111','{"text": "Hej! Jag är Lotsen, en chattrobot för dig som arbetar med **Stöd och behandling**.\n\n- Jag svarar på vanliga frågor.\n- Jag går igenom tekniska problem med dig, ett steg i taget.\n- Är felet kvar skickar jag ett ärende till IT kundservice, med det du redan har provat.\n\nSkriv inga personuppgifter här, varken dina egna eller någon patients. Vad gäller det?", "choices": [["Jag kan inte logga in", "/login_problem"], ["Visa alla frågor", "/show_menu"], ["Kontakta IT kundservice", "/talk_to_human"]]}');
INSERT INTO "chat_messages" VALUES(21,'web-9a8be032de700fbb0553f5b28a50e17d',2,'user','39ccafbc1df8408ab4b9edf077d4c174','2026-11-27 16:10:16.377554','{"text": "jag vill prata med en människa"}');
INSERT INTO "chat_messages" VALUES(22,'web-9a8be032de700fbb0553f5b28a50e17d',3,'bot',NULL,'2026-11-27 16:10:16.386057','{"text": "Jag hjälper dig att skicka ett ärende till IT kundservice. Är det bråttom kan du ringa IT kundservice på 14141. Du kan också göra ärendet själv i Tjänstekatalogen.", "choices": []}');
INSERT INTO "chat_messages" VALUES(23,'web-9a8be032de700fbb0553f5b28a50e17d',4,'bot',NULL,'2026-11-27 16:10:16.393775','{"text": "Vem har problemet?", "choices": [["Jag eller en kollega", "/inform_affected{\"affected\": \"personal\"}"], ["Flera på jobbet", "/inform_affected{\"affected\": \"several\"}"], ["En patient väntar på mig", "/inform_affected{\"affected\": \"patient_waits\"}"], ["En invånare", "/inform_affected{\"affected\": \"invånare\"}"], ["Hoppa över", "/deny"], ["Skicka inget ärende", "/stop"]]}');
INSERT INTO "chat_messages" VALUES(24,'web-9a8be032de700fbb0553f5b28a50e17d',5,'user','8259ccf3d1114120b4b2c5cb12922f7a','2026-11-27 16:10:16.400456','{"text": "Jag eller en kollega"}');
INSERT INTO "chat_messages" VALUES(25,'web-9a8be032de700fbb0553f5b28a50e17d',6,'bot',NULL,'2026-11-27 16:10:16.413054','{"text": "Vad är problemet? Skriv kort vad som händer och vad som står på skärmen. Skriv inga personuppgifter.", "choices": [["Hoppa över", "/deny"], ["Skicka inget ärende", "/stop"]]}');
INSERT INTO "chat_messages" VALUES(26,'web-9a8be032de700fbb0553f5b28a50e17d',7,'user','96aa1122406d495e93ee7192aad5ad8e','2026-11-27 16:10:16.420453','{"text": "Listan med mina deltagare är tom"}');
INSERT INTO "chat_messages" VALUES(27,'web-9a8be032de700fbb0553f5b28a50e17d',8,'bot',NULL,'2026-11-27 16:10:16.436720','{"text": "Hur når IT kundservice dig? Skriv telefonnummer eller e-post, och gärna ditt namn och din enhet. Du kan också få svaret här i chatten.", "choices": [["Svara här i chatten", "/change_contact{\"contact_way\": \"chat\"}"], ["Skicka inget ärende", "/stop"]]}');
INSERT INTO "chat_messages" VALUES(28,'web-9a8be032de700fbb0553f5b28a50e17d',9,'user','9da4c2fab44d4c0aa03907e1fb7ca30d','2026-11-27 16:10:16.443249','{"text": "Svara här i chatten"}');
INSERT INTO "chat_messages" VALUES(29,'web-9a8be032de700fbb0553f5b28a50e17d',10,'bot',NULL,'2026-11-27 16:10:16.458485','{"text": "Det här skickar jag till IT kundservice:\n\n**Problem:** Listan med mina deltagare är tom\n**Till:** IT kundservice\n**Prioritet:** Normal\n**Nås på:** svar i chatten\n\nVårt samtal här kommer också med, utan personnummer. Ska jag skicka?", "choices": [["Ja, skicka", "/affirm"], ["Ändra texten", "/go_back"], ["Ändra hur jag nås", "/change_contact"], ["Ändra vem som har problemet", "/inform_affected"], ["Skicka inte", "/deny"]], "card": "preview"}');
INSERT INTO "chat_messages" VALUES(30,'web-9a8be032de700fbb0553f5b28a50e17d',11,'user','01d9ae78e73b4b49850c63aeedc140b1','2026-11-27 16:10:16.466957','{"text": "Ja, skicka"}');
INSERT INTO "chat_messages" VALUES(31,'web-9a8be032de700fbb0553f5b28a50e17d',12,'bot',NULL,'2026-11-27 16:10:16.490255','{"text": "Klart! Ditt ärende till IT kundservice har nummer **LOT-000002** och kod **HNY8-5TZC**. Det du har provat står i ärendet, så du behöver inte förklara det igen.\n\nBlir det bråttom ringer du IT kundservice på 14141 och säger numret. Du kan också göra ärenden i Tjänstekatalogen.\n\nNär de svarar ser du det här i chatten. Vill du veta hur det går, skriv ”hur går det med mitt ärende?”. Från en annan chatt behöver du både numret och koden.", "choices": [], "card": "receipt"}');
INSERT INTO "chat_messages" VALUES(32,'web-cf235b12f86f61c3e4d4ce4903df887e',1,'bot',NULL,'2026-11-27 16:10:17.316214','{"text": "Hej! Jag är Lotsen, en chattrobot för dig som arbetar med **Stöd och behandling**.\n\n- Jag svarar på vanliga frågor.\n- Jag går igenom tekniska problem med dig, ett steg i taget.\n- Är felet kvar skickar jag ett ärende till IT kundservice, med det du redan har provat.\n\nSkriv inga personuppgifter här, varken dina egna eller någon patients. Vad gäller det?", "choices": [["Jag kan inte logga in", "/login_problem"], ["Visa alla frågor", "/show_menu"], ["Kontakta IT kundservice", "/talk_to_human"]]}');
INSERT INTO "chat_messages" VALUES(33,'web-cf235b12f86f61c3e4d4ce4903df887e',2,'user','6f972d6764bf401faf90924e2f663dd5','2026-11-27 16:10:17.321189','{"text": "Det står ”Webbsidan kan inte visas” när jag försöker logga in"}');
INSERT INTO "chat_messages" VALUES(34,'web-cf235b12f86f61c3e4d4ce4903df887e',3,'bot',NULL,'2026-11-27 16:10:17.336879','{"text": "**”Webbsidan kan inte visas”**\n\nVi går igenom det tillsammans, ett steg i taget.", "choices": []}');
INSERT INTO "chat_messages" VALUES(35,'web-cf235b12f86f61c3e4d4ce4903df887e',4,'bot',NULL,'2026-11-27 16:10:17.337366','{"text": "Nästa steg kan stänga chatten. Öppna den i så fall igen, här eller på en annan dator, och skriv koden **2YY2-94Q7**. Då fortsätter vi där vi är.", "choices": []}');
INSERT INTO "chat_messages" VALUES(36,'web-cf235b12f86f61c3e4d4ce4903df887e',5,'bot',NULL,'2026-11-27 16:10:17.337635','{"text": "**Steg 1 av 8**\n\nStäng ner webbläsaren.\n\nDå syns inget fönster från webbläsaren.", "choices": [["Klart", "/next_step{\"guide_step\": \"afc13607.page_cannot_be_displayed.close_browser\"}"], ["Det gick inte", "/problem_persists{\"guide_step\": \"afc13607.page_cannot_be_displayed.close_browser\"}"], ["Hur gör jag?", "/ask_how{\"guide_step\": \"afc13607.page_cannot_be_displayed.close_browser\"}"], ["Avbryt", "/stop{\"guide_step\": \"afc13607.page_cannot_be_displayed.close_browser\"}"]], "step": {"number": 1, "total": 8}}');
INSERT INTO "chat_messages" VALUES(37,'web-cf235b12f86f61c3e4d4ce4903df887e',6,'user','2aeaa3ba2302411da8009bbc6ed95b73','2026-11-27 16:10:17.343520','{"text": "Klart"}');
INSERT INTO "chat_messages" VALUES(38,'web-cf235b12f86f61c3e4d4ce4903df887e',7,'bot',NULL,'2026-11-27 16:10:17.357261','{"text": "**Steg 2 av 8**\n\nTa ut SITHS-kortet/e-tjänstekortet.\n\nDå är kortet helt ute ur kortläsaren.", "choices": [["Klart", "/next_step{\"guide_step\": \"afc13607.page_cannot_be_displayed.take_out_card\"}"], ["Det gick inte", "/problem_persists{\"guide_step\": \"afc13607.page_cannot_be_displayed.take_out_card\"}"], ["Tillbaka", "/go_back{\"guide_step\": \"afc13607.page_cannot_be_displayed.take_out_card\"}"], ["Avbryt", "/stop{\"guide_step\": \"afc13607.page_cannot_be_displayed.take_out_card\"}"]], "step": {"number": 2, "total": 8}}');
CREATE TABLE chat_turns (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	channel VARCHAR(40) DEFAULT 'web' NOT NULL, 
	conversation VARCHAR(255) NOT NULL, 
	heard INTEGER NOT NULL, 
	expires FLOAT NOT NULL
);
CREATE TABLE desk_guesses (
	who VARCHAR(80) NOT NULL, 
	wrong INTEGER NOT NULL, 
	until DATETIME NOT NULL, 
	last DATETIME NOT NULL, 
	PRIMARY KEY (who)
);
CREATE TABLE desk_lines (
	conversation VARCHAR(255) NOT NULL, 
	channel VARCHAR(40) NOT NULL, 
	case_id INTEGER NOT NULL, 
	state VARCHAR(20) NOT NULL, 
	agent VARCHAR(255) NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	since DATETIME NOT NULL, 
	touched DATETIME NOT NULL, 
	opened INTEGER NOT NULL, 
	PRIMARY KEY (conversation)
);
CREATE TABLE desk_local (
	id INTEGER NOT NULL, 
	hash TEXT NOT NULL, 
	made DATETIME NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE desk_people (
	id VARCHAR(255) NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	roles TEXT NOT NULL, 
	seen DATETIME NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "desk_people" VALUES('id-aasa','Åsa Lind','["agent", "auditor", "lead", "owner"]','2026-11-27 16:10:18.879581');
CREATE TABLE desk_sessions (
	token VARCHAR(64) NOT NULL, 
	who VARCHAR(255) NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	roles TEXT NOT NULL, 
	way VARCHAR(20) NOT NULL, 
	csrf VARCHAR(64) NOT NULL, 
	flash TEXT NOT NULL, 
	began DATETIME NOT NULL, 
	used DATETIME NOT NULL, 
	kept TEXT NOT NULL, 
	PRIMARY KEY (token)
);
INSERT INTO "desk_sessions" VALUES('500f9e4c46d52fd372cfb868dcc9264d5d741becc4934c1fdd22a9d48ea48294','id-aasa','Åsa Lind','["agent", "auditor", "lead", "owner"]','oidc','_sRM8PZsJetOJMRE6Vjm0-iWYLygZ5pAEEsz2zw50Sk','','2026-11-27 16:10:18.879581','2026-11-27 16:10:18.879581','');
CREATE TABLE events (
	id INTEGER NOT NULL, 
	sender_id VARCHAR(255) NOT NULL, 
	type_name VARCHAR(255) NOT NULL, 
	timestamp FLOAT, 
	intent_name VARCHAR(255), 
	action_name VARCHAR(255), 
	data TEXT, 
	PRIMARY KEY (id)
);
INSERT INTO "events" VALUES(1,'web-8d88989b3db9ee0316c739280a7c5955','action',1.79579581537125301362e+09,NULL,'action_session_start','{"event": "action", "timestamp": 1795795815.371253, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "action_session_start", "policy": null, "confidence": 1.0, "action_text": null, "hide_rule_turn": false}');
INSERT INTO "events" VALUES(2,'web-8d88989b3db9ee0316c739280a7c5955','session_started',1.79579581537132430078e+09,NULL,NULL,'{"event": "session_started", "timestamp": 1795795815.3713243, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}}');
INSERT INTO "events" VALUES(3,'web-8d88989b3db9ee0316c739280a7c5955','action',1.79579581537135744093e+09,NULL,'action_listen','{"event": "action", "timestamp": 1795795815.3713574, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "action_listen", "policy": null, "confidence": null, "action_text": null, "hide_rule_turn": false}');
INSERT INTO "events" VALUES(4,'web-8d88989b3db9ee0316c739280a7c5955','user',1.79579581537771892549e+09,'greet',NULL,'{"event": "user", "timestamp": 1795795815.377719, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "text": "/greet", "parse_data": {"intent": {"name": "greet", "confidence": 1.0}, "entities": [], "text": "/greet", "message_id": "210e2859d2a54e5db3772577d5b14f7f", "metadata": {}, "intent_ranking": [{"name": "greet", "confidence": 1.0}]}, "input_channel": "web", "message_id": "210e2859d2a54e5db3772577d5b14f7f"}');
INSERT INTO "events" VALUES(5,'web-8d88989b3db9ee0316c739280a7c5955','user_featurization',1.79579581538296651843e+09,NULL,NULL,'{"event": "user_featurization", "timestamp": 1795795815.3829665, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "use_text_for_featurization": false}');
INSERT INTO "events" VALUES(6,'web-8d88989b3db9ee0316c739280a7c5955','action',1.79579581538297867776e+09,NULL,'utter_greet','{"event": "action", "timestamp": 1795795815.3829787, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "utter_greet", "policy": "ShortRulePolicy", "confidence": 1.0, "action_text": null, "hide_rule_turn": true}');
INSERT INTO "events" VALUES(7,'web-8d88989b3db9ee0316c739280a7c5955','bot',1.79579581538301300998e+09,NULL,NULL,'{"event": "bot", "timestamp": 1795795815.383013, "metadata": {"utter_action": "utter_greet", "model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "text": "Hej! Jag \u00e4r Lotsen, en chattrobot f\u00f6r dig som arbetar med **St\u00f6d och behandling**.\n\n- Jag svarar p\u00e5 vanliga fr\u00e5gor.\n- Jag g\u00e5r igenom tekniska problem med dig, ett steg i taget.\n- \u00c4r felet kvar skickar jag ett \u00e4rende till IT kundservice, med det du redan har provat.\n\nSkriv inga personuppgifter h\u00e4r, varken dina egna eller n\u00e5gon patients. Vad g\u00e4ller det?\n", "data": {"elements": null, "quick_replies": null, "buttons": [{"title": "Jag kan inte logga in", "payload": "/login_problem"}, {"title": "Visa alla fr\u00e5gor", "payload": "/show_menu"}, {"title": "Kontakta IT kundservice", "payload": "/talk_to_human"}], "attachment": null, "image": null, "custom": null}}');
INSERT INTO "events" VALUES(8,'web-8d88989b3db9ee0316c739280a7c5955','action',1.79579581538583779335e+09,NULL,'action_listen','{"event": "action", "timestamp": 1795795815.3858378, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "action_listen", "policy": "ShortRulePolicy", "confidence": 1.0, "action_text": null, "hide_rule_turn": true}');
INSERT INTO "events" VALUES(9,'web-8d88989b3db9ee0316c739280a7c5955','user',1.79579581539806652076e+09,'resident_fee',NULL,'{"event": "user", "timestamp": 1795795815.3980665, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "text": "Vad kostar tj\u00e4nsten?", "parse_data": {"intent": {"name": "resident_fee", "confidence": 0.9974011423824666}, "entities": [], "text": "Vad kostar tj\u00e4nsten?", "message_id": "d5a7c9d7314240bb8b89e7d24d256939", "metadata": {}, "text_tokens": [[0, 3], [4, 10], [11, 19], [19, 20]], "intent_ranking": [{"name": "resident_fee", "confidence": 0.9974011423824666}, {"name": "out_of_scope_workplace", "confidence": 0.00032343276910860023}, {"name": "buy_program_from_other_region", "confidence": 0.00020921795176533268}, {"name": "ask_why", "confidence": 0.00018857896026398908}, {"name": "out_of_scope_card", "confidence": 0.00014090768453503874}, {"name": "out_of_scope_other_system", "confidence": 0.00012681562922062497}, {"name": "external_network_login", "confidence": 0.00012054332667742013}, {"name": "which_browser", "confidence": 0.00012052694292640505}, {"name": "get_access_to_platform", "confidence": 9.099817122957308e-05}, {"name": "protected_identity", "confidence": 9.042324389555701e-05}], "suggestions": [], "two_questions": false, "guide_word": {"name": "ask_why", "confidence": 0.00018857896026398908}}, "input_channel": "web", "message_id": "d5a7c9d7314240bb8b89e7d24d256939"}');
INSERT INTO "events" VALUES(10,'web-8d88989b3db9ee0316c739280a7c5955','user_featurization',1.79579581539890933039e+09,NULL,NULL,'{"event": "user_featurization", "timestamp": 1795795815.3989093, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "use_text_for_featurization": false}');
INSERT INTO "events" VALUES(11,'web-8d88989b3db9ee0316c739280a7c5955','action',1.79579581539891767506e+09,NULL,'utter_resident_fee','{"event": "action", "timestamp": 1795795815.3989177, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "utter_resident_fee", "policy": "ShortRulePolicy", "confidence": 1.0, "action_text": null, "hide_rule_turn": true}');
INSERT INTO "events" VALUES(12,'web-8d88989b3db9ee0316c739280a7c5955','bot',1.79579581539893913273e+09,NULL,NULL,'{"event": "bot", "timestamp": 1795795815.3989391, "metadata": {"utter_action": "utter_resident_fee", "model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "text": "Nej, det kostar inget f\u00f6r inv\u00e5naren. Politikerna i Region J\u00f6nk\u00f6pings l\u00e4n har beslutat att St\u00f6d och behandling \u00e4r avgiftsfritt.\n", "data": {"elements": null, "quick_replies": null, "buttons": null, "attachment": null, "image": null, "custom": null}}');
INSERT INTO "events" VALUES(13,'web-8d88989b3db9ee0316c739280a7c5955','action',1.79579581539987969394e+09,NULL,'action_listen','{"event": "action", "timestamp": 1795795815.3998797, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "action_listen", "policy": "ShortRulePolicy", "confidence": 1.0, "action_text": null, "hide_rule_turn": true}');
INSERT INTO "events" VALUES(14,'web-8d88989b3db9ee0316c739280a7c5955','user',1.79579581541506314275e+09,'out_of_scope',NULL,'{"event": "user", "timestamp": 1795795815.4150631, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "text": "Vad blir det f\u00f6r v\u00e4der?", "parse_data": {"intent": {"name": "out_of_scope", "confidence": 0.9988276672283519}, "entities": [], "text": "Vad blir det f\u00f6r v\u00e4der?", "message_id": "a86e9451023f41b0b5782dd6db1b17e3", "metadata": {}, "text_tokens": [[0, 3], [4, 8], [9, 12], [13, 16], [17, 22], [22, 23]], "intent_ranking": [{"name": "out_of_scope", "confidence": 0.9987408618356381}, {"name": "ask_why", "confidence": 0.0005005492370878647}, {"name": "resident_fee", "confidence": 7.421123226564924e-05}, {"name": "thanks", "confidence": 6.992149669137279e-05}, {"name": "only_administrator_absent", "confidence": 5.124406609427526e-05}, {"name": "show_menu", "confidence": 4.871277577091154e-05}, {"name": "repeat", "confidence": 3.7615840662757395e-05}, {"name": "case_status", "confidence": 3.46506761756302e-05}, {"name": "out_of_scope_workplace", "confidence": 2.7611859930593083e-05}, {"name": "go_back", "confidence": 2.539038695500335e-05}], "suggestions": [], "two_questions": false, "guide_word": {"name": "ask_why", "confidence": 0.0005005492370878647}}, "input_channel": "web", "message_id": "a86e9451023f41b0b5782dd6db1b17e3"}');
INSERT INTO "events" VALUES(15,'web-8d88989b3db9ee0316c739280a7c5955','user_featurization',1.79579581541607713694e+09,NULL,NULL,'{"event": "user_featurization", "timestamp": 1795795815.4160771, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "use_text_for_featurization": false}');
INSERT INTO "events" VALUES(16,'web-8d88989b3db9ee0316c739280a7c5955','action',1.79579581541608643531e+09,NULL,'utter_out_of_scope','{"event": "action", "timestamp": 1795795815.4160864, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "utter_out_of_scope", "policy": "ShortRulePolicy", "confidence": 1.0, "action_text": null, "hide_rule_turn": true}');
INSERT INTO "events" VALUES(17,'web-8d88989b3db9ee0316c739280a7c5955','bot',1.79579581541611337661e+09,NULL,NULL,'{"event": "bot", "timestamp": 1795795815.4161134, "metadata": {"utter_action": "utter_out_of_scope", "model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "text": "Det kan jag tyv\u00e4rr inte svara p\u00e5. Jag kan bara fr\u00e5gor om St\u00f6d och behandling. Beh\u00f6ver du hj\u00e4lp med n\u00e5got annat? Ring IT kundservice p\u00e5 14141 eller g\u00f6r ett \u00e4rende i Tj\u00e4nstekatalogen.", "data": {"elements": null, "quick_replies": null, "buttons": [{"title": "Visa vad jag kan", "payload": "/show_menu"}, {"title": "Kontakta IT kundservice", "payload": "/talk_to_human"}], "attachment": null, "image": null, "custom": null}}');
INSERT INTO "events" VALUES(18,'web-8d88989b3db9ee0316c739280a7c5955','action',1.79579581541706538201e+09,NULL,'action_listen','{"event": "action", "timestamp": 1795795815.4170654, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "action_listen", "policy": "ShortRulePolicy", "confidence": 1.0, "action_text": null, "hide_rule_turn": true}');
INSERT INTO "events" VALUES(19,'web-8d88989b3db9ee0316c739280a7c5955','user',1.79579581542712903019e+09,'parent_as_proxy',NULL,'{"event": "user", "timestamp": 1795795815.427129, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "text": "Mitt personnummer \u00e4r [personnummer], kan jag logga in?", "parse_data": {"intent": {"name": "parent_as_proxy", "confidence": 0.723368526026073}, "entities": [], "text": "Mitt personnummer \u00e4r [personnummer], kan jag logga in?", "message_id": "ae7f3fde972e4b538063d2d41a5cf91c", "metadata": {}, "text_tokens": [[0, 4], [5, 17], [18, 20], [21, 35], [35, 36], [37, 40], [41, 44], [45, 50], [51, 53], [53, 54]], "intent_ranking": [{"name": "parent_as_proxy", "confidence": 0.723368526026073}, {"name": "out_of_scope_card", "confidence": 0.1291777074361517}, {"name": "change_contact", "confidence": 0.02226908519303477}, {"name": "login_problem", "confidence": 0.019596480522746117}, {"name": "protected_identity", "confidence": 0.01794810271781982}, {"name": "out_of_scope_platform", "confidence": 0.015484380880040996}, {"name": "resident_cannot_log_in", "confidence": 0.008720050160326445}, {"name": "page_cannot_be_displayed", "confidence": 0.007103902764057182}, {"name": "out_of_scope_other_system", "confidence": 0.006082331361737557}, {"name": "external_network_login", "confidence": 0.0056702783913427195}], "suggestions": [], "two_questions": false, "guide_word": {"name": "ask_why", "confidence": 0.0015341442046898383}}, "input_channel": "web", "message_id": "ae7f3fde972e4b538063d2d41a5cf91c"}');
INSERT INTO "events" VALUES(20,'web-8d88989b3db9ee0316c739280a7c5955','user_featurization',1.79579581542803430561e+09,NULL,NULL,'{"event": "user_featurization", "timestamp": 1795795815.4280343, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "use_text_for_featurization": false}');
INSERT INTO "events" VALUES(21,'web-8d88989b3db9ee0316c739280a7c5955','action',1.79579581542804336542e+09,NULL,'utter_parent_as_proxy','{"event": "action", "timestamp": 1795795815.4280434, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "utter_parent_as_proxy", "policy": "ShortRulePolicy", "confidence": 1.0, "action_text": null, "hide_rule_turn": true}');
INSERT INTO "events" VALUES(22,'web-8d88989b3db9ee0316c739280a7c5955','bot',1.79579581542806506161e+09,NULL,NULL,'{"event": "bot", "timestamp": 1795795815.428065, "metadata": {"utter_action": "utter_parent_as_proxy", "model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "text": "Ja. V\u00e5rdnadshavare kan hantera st\u00f6d- eller behandlingsprogram som startats p\u00e5 barn **upp till 13 \u00e5r** via ombudsfunktionen.\n\nOm ombudsfunktionen beh\u00f6vs beror p\u00e5 i vilket syfte programmet ska anv\u00e4ndas. Den beh\u00f6vs till exempel om v\u00e5rdnadshavare ska utf\u00f6ra \u00e4renden \u00e5t barn som barnet sj\u00e4lvt inte kan utf\u00f6ra.\n", "data": {"elements": null, "quick_replies": null, "buttons": null, "attachment": null, "image": null, "custom": null}}');
INSERT INTO "events" VALUES(23,'web-8d88989b3db9ee0316c739280a7c5955','action',1.79579581542897391316e+09,NULL,'action_listen','{"event": "action", "timestamp": 1795795815.428974, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "action_listen", "policy": "ShortRulePolicy", "confidence": 1.0, "action_text": null, "hide_rule_turn": true}');
INSERT INTO "events" VALUES(24,'web-86c4c8b2647621c8deef25a09410ed85','action',1795795815.43498,NULL,'action_session_start','{"event": "action", "timestamp": 1795795815.43498, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "action_session_start", "policy": null, "confidence": 1.0, "action_text": null, "hide_rule_turn": false}');
INSERT INTO "events" VALUES(25,'web-86c4c8b2647621c8deef25a09410ed85','session_started',1.79579581543501520159e+09,NULL,NULL,'{"event": "session_started", "timestamp": 1795795815.4350152, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}}');
INSERT INTO "events" VALUES(26,'web-86c4c8b2647621c8deef25a09410ed85','action',1.79579581543502855302e+09,NULL,'action_listen','{"event": "action", "timestamp": 1795795815.4350286, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "action_listen", "policy": null, "confidence": null, "action_text": null, "hide_rule_turn": false}');
INSERT INTO "events" VALUES(27,'web-86c4c8b2647621c8deef25a09410ed85','user',1.79579581543724322318e+09,'greet',NULL,'{"event": "user", "timestamp": 1795795815.4372432, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "text": "/greet", "parse_data": {"intent": {"name": "greet", "confidence": 1.0}, "entities": [], "text": "/greet", "message_id": "58b7f3eb63a743fea4a231cbcdcbd474", "metadata": {}, "intent_ranking": [{"name": "greet", "confidence": 1.0}]}, "input_channel": "web", "message_id": "58b7f3eb63a743fea4a231cbcdcbd474"}');
INSERT INTO "events" VALUES(28,'web-86c4c8b2647621c8deef25a09410ed85','user_featurization',1.79579581543796181677e+09,NULL,NULL,'{"event": "user_featurization", "timestamp": 1795795815.4379618, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "use_text_for_featurization": false}');
INSERT INTO "events" VALUES(29,'web-86c4c8b2647621c8deef25a09410ed85','action',1.79579581543796896938e+09,NULL,'utter_greet','{"event": "action", "timestamp": 1795795815.437969, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "utter_greet", "policy": "ShortRulePolicy", "confidence": 1.0, "action_text": null, "hide_rule_turn": true}');
INSERT INTO "events" VALUES(30,'web-86c4c8b2647621c8deef25a09410ed85','bot',1.79579581543799805636e+09,NULL,NULL,'{"event": "bot", "timestamp": 1795795815.437998, "metadata": {"utter_action": "utter_greet", "model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "text": "Hej! Jag \u00e4r Lotsen, en chattrobot f\u00f6r dig som arbetar med **St\u00f6d och behandling**.\n\n- Jag svarar p\u00e5 vanliga fr\u00e5gor.\n- Jag g\u00e5r igenom tekniska problem med dig, ett steg i taget.\n- \u00c4r felet kvar skickar jag ett \u00e4rende till IT kundservice, med det du redan har provat.\n\nSkriv inga personuppgifter h\u00e4r, varken dina egna eller n\u00e5gon patients. Vad g\u00e4ller det?\n", "data": {"elements": null, "quick_replies": null, "buttons": [{"title": "Jag kan inte logga in", "payload": "/login_problem"}, {"title": "Visa alla fr\u00e5gor", "payload": "/show_menu"}, {"title": "Kontakta IT kundservice", "payload": "/talk_to_human"}], "attachment": null, "image": null, "custom": null}}');
INSERT INTO "events" VALUES(31,'web-86c4c8b2647621c8deef25a09410ed85','action',1.79579581543884587288e+09,NULL,'action_listen','{"event": "action", "timestamp": 1795795815.4388459, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "action_listen", "policy": "ShortRulePolicy", "confidence": 1.0, "action_text": null, "hide_rule_turn": true}');
INSERT INTO "events" VALUES(32,'web-86c4c8b2647621c8deef25a09410ed85','user',1.79579581544735026365e+09,'talk_to_human',NULL,'{"event": "user", "timestamp": 1795795815.4473503, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "text": "jag vill prata med en m\u00e4nniska", "parse_data": {"intent": {"name": "talk_to_human", "confidence": 0.9989959662193811}, "entities": [], "text": "jag vill prata med en m\u00e4nniska", "message_id": "08fb836af504415db5d6d4ed9468ae32", "metadata": {}, "text_tokens": [[0, 3], [4, 8], [9, 14], [15, 18], [19, 21], [22, 30]], "intent_ranking": [{"name": "talk_to_human", "confidence": 0.9989959662193811}, {"name": "bot_challenge", "confidence": 0.0008608796862667516}, {"name": "contact_for_questions", "confidence": 4.549579009253253e-05}, {"name": "change_contact", "confidence": 1.0830028359014962e-05}, {"name": "case_status", "confidence": 7.201604307771653e-06}, {"name": "program_idea", "confidence": 5.766387106678317e-06}, {"name": "go_back", "confidence": 5.096058739278581e-06}, {"name": "out_of_scope", "confidence": 4.1712888931492265e-06}, {"name": "show_menu", "confidence": 3.8514674213367995e-06}, {"name": "buy_program_from_other_region", "confidence": 3.1634621257884306e-06}], "suggestions": [], "two_questions": false, "guide_word": {"name": "go_back", "confidence": 5.096058739278581e-06}}, "input_channel": "web", "message_id": "08fb836af504415db5d6d4ed9468ae32"}');
INSERT INTO "events" VALUES(33,'web-86c4c8b2647621c8deef25a09410ed85','user_featurization',1.79579581593481731418e+09,NULL,NULL,'{"event": "user_featurization", "timestamp": 1795795815.9348173, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "use_text_for_featurization": false}');
INSERT INTO "events" VALUES(34,'web-86c4c8b2647621c8deef25a09410ed85','action',1.79579581593484306333e+09,NULL,'action_begin_handoff','{"event": "action", "timestamp": 1795795815.934843, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "action_begin_handoff", "policy": "ShortRulePolicy", "confidence": 1.0, "action_text": null, "hide_rule_turn": true}');
INSERT INTO "events" VALUES(35,'web-86c4c8b2647621c8deef25a09410ed85','bot',1.79579581593487310406e+09,NULL,NULL,'{"event": "bot", "timestamp": 1795795815.934873, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "text": "Jag hj\u00e4lper dig att skicka ett \u00e4rende till IT kundservice. \u00c4r det br\u00e5ttom kan du ringa IT kundservice p\u00e5 14141. Du kan ocks\u00e5 g\u00f6ra \u00e4rendet sj\u00e4lv i Tj\u00e4nstekatalogen.", "data": {"elements": null, "quick_replies": null, "buttons": null, "attachment": null, "image": null, "custom": null}}');
INSERT INTO "events" VALUES(36,'web-86c4c8b2647621c8deef25a09410ed85','action',1.79579581594383668897e+09,NULL,'handoff_form','{"event": "action", "timestamp": 1795795815.9438367, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "handoff_form", "policy": "ShortRulePolicy", "confidence": 1.0, "action_text": null, "hide_rule_turn": true}');
INSERT INTO "events" VALUES(37,'web-86c4c8b2647621c8deef25a09410ed85','active_loop',1.7957958159439430237e+09,NULL,'handoff_form','{"event": "active_loop", "timestamp": 1795795815.943943, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "handoff_form"}');
INSERT INTO "events" VALUES(38,'web-86c4c8b2647621c8deef25a09410ed85','slot',1.7957958159439506531e+09,NULL,'requested_slot','{"event": "slot", "timestamp": 1795795815.9439507, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "requested_slot", "value": "handoff_affected"}');
INSERT INTO "events" VALUES(39,'web-86c4c8b2647621c8deef25a09410ed85','bot',1.79579581594395804402e+09,NULL,NULL,'{"event": "bot", "timestamp": 1795795815.943958, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "text": "Vem har problemet?", "data": {"elements": null, "quick_replies": null, "buttons": [{"title": "Jag eller en kollega", "payload": "/inform_affected{\"affected\": \"personal\"}"}, {"title": "Flera p\u00e5 jobbet", "payload": "/inform_affected{\"affected\": \"several\"}"}, {"title": "En patient v\u00e4ntar p\u00e5 mig", "payload": "/inform_affected{\"affected\": \"patient_waits\"}"}, {"title": "En inv\u00e5nare", "payload": "/inform_affected{\"affected\": \"inv\u00e5nare\"}"}, {"title": "Hoppa \u00f6ver", "payload": "/deny"}, {"title": "Skicka inget \u00e4rende", "payload": "/stop"}], "attachment": null, "image": null, "custom": null}}');
INSERT INTO "events" VALUES(40,'web-86c4c8b2647621c8deef25a09410ed85','action',1.79579581594517850872e+09,NULL,'action_listen','{"event": "action", "timestamp": 1795795815.9451785, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "action_listen", "policy": "ShortRulePolicy", "confidence": 1.0, "action_text": null, "hide_rule_turn": true}');
INSERT INTO "events" VALUES(41,'web-86c4c8b2647621c8deef25a09410ed85','user',1.79579581596115875246e+09,'inform_affected',NULL,'{"event": "user", "timestamp": 1795795815.9611588, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "text": "/inform_affected{\"affected\": \"patient_waits\"}", "parse_data": {"intent": {"name": "inform_affected", "confidence": 1.0}, "entities": [{"entity": "affected", "value": "patient_waits", "start": 16, "end": 45, "extractor": "RegexMessageHandler"}], "text": "/inform_affected{\"affected\": \"patient_waits\"}", "message_id": "64a6e5ea27484967875606a405db214f", "metadata": {}, "intent_ranking": [{"name": "inform_affected", "confidence": 1.0}]}, "input_channel": "web", "message_id": "64a6e5ea27484967875606a405db214f"}');
INSERT INTO "events" VALUES(42,'web-86c4c8b2647621c8deef25a09410ed85','user_featurization',1.79579581596929073331e+09,NULL,NULL,'{"event": "user_featurization", "timestamp": 1795795815.9692907, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "use_text_for_featurization": false}');
INSERT INTO "events" VALUES(43,'web-86c4c8b2647621c8deef25a09410ed85','action',1.79579581596930789948e+09,NULL,'handoff_form','{"event": "action", "timestamp": 1795795815.969308, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "handoff_form", "policy": "ShortRulePolicy", "confidence": 1.0, "action_text": null, "hide_rule_turn": true}');
INSERT INTO "events" VALUES(44,'web-86c4c8b2647621c8deef25a09410ed85','slot',1.79579581596937751771e+09,NULL,'handoff_affected','{"event": "slot", "timestamp": 1795795815.9693775, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "handoff_affected", "value": "patient_waits"}');
INSERT INTO "events" VALUES(45,'web-86c4c8b2647621c8deef25a09410ed85','slot',1.79579581596938323969e+09,NULL,'requested_slot','{"event": "slot", "timestamp": 1795795815.9693832, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "requested_slot", "value": "handoff_note"}');
INSERT INTO "events" VALUES(46,'web-86c4c8b2647621c8deef25a09410ed85','bot',1.79579581596938610082e+09,NULL,NULL,'{"event": "bot", "timestamp": 1795795815.969386, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "text": "Vad \u00e4r problemet? Skriv kort vad som h\u00e4nder och vad som st\u00e5r p\u00e5 sk\u00e4rmen. Skriv inga personuppgifter.", "data": {"elements": null, "quick_replies": null, "buttons": [{"title": "Hoppa \u00f6ver", "payload": "/deny"}, {"title": "Skicka inget \u00e4rende", "payload": "/stop"}], "attachment": null, "image": null, "custom": null}}');
INSERT INTO "events" VALUES(47,'web-86c4c8b2647621c8deef25a09410ed85','action',1.79579581597052717212e+09,NULL,'action_listen','{"event": "action", "timestamp": 1795795815.9705272, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "action_listen", "policy": "ShortRulePolicy", "confidence": 1.0, "action_text": null, "hide_rule_turn": true}');
INSERT INTO "events" VALUES(48,'web-86c4c8b2647621c8deef25a09410ed85','user',1.79579581598404216767e+09,'out_of_scope_other_system',NULL,'{"event": "user", "timestamp": 1795795815.9840422, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "text": "F\u00f6nstret blir vitt n\u00e4r jag \u00f6ppnar ett formul\u00e4r", "parse_data": {"intent": {"name": "out_of_scope_other_system", "confidence": 0.3118663927586761}, "entities": [], "text": "F\u00f6nstret blir vitt n\u00e4r jag \u00f6ppnar ett formul\u00e4r", "message_id": "9fbb4b2388fe4180801a353370f39e19", "metadata": {}, "text_tokens": [[0, 8], [9, 13], [14, 18], [19, 22], [23, 26], [27, 33], [34, 37], [38, 46]], "intent_ranking": [{"name": "page_missing_or_service_down", "confidence": 0.5080642989277144}, {"name": "out_of_scope_other_system", "confidence": 0.14331262650989657}, {"name": "out_of_scope_platform", "confidence": 0.08957423679021566}, {"name": "out_of_scope", "confidence": 0.06012545639417087}, {"name": "change_contact", "confidence": 0.04489369645150161}, {"name": "case_status", "confidence": 0.04464690794714868}, {"name": "login_problem", "confidence": 0.012571424155761624}, {"name": "out_of_scope_card", "confidence": 0.007465013668754966}, {"name": "login_error", "confidence": 0.007187398535528589}, {"name": "next_step", "confidence": 0.006644394562759865}], "suggestions": [], "two_questions": false, "guide_word": {"name": "next_step", "confidence": 0.006644394562759865}}, "input_channel": "web", "message_id": "9fbb4b2388fe4180801a353370f39e19"}');
INSERT INTO "events" VALUES(49,'web-86c4c8b2647621c8deef25a09410ed85','slot',1.79579581598435235019e+09,NULL,'handoff_note','{"event": "slot", "timestamp": 1795795815.9843524, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "handoff_note", "value": "F\u00f6nstret blir vitt n\u00e4r jag \u00f6ppnar ett formul\u00e4r"}');
INSERT INTO "events" VALUES(50,'web-86c4c8b2647621c8deef25a09410ed85','user_featurization',1.79579581599166703226e+09,NULL,NULL,'{"event": "user_featurization", "timestamp": 1795795815.991667, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "use_text_for_featurization": false}');
INSERT INTO "events" VALUES(51,'web-86c4c8b2647621c8deef25a09410ed85','action',1.79579581599167943002e+09,NULL,'handoff_form','{"event": "action", "timestamp": 1795795815.9916794, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "handoff_form", "policy": "ShortRulePolicy", "confidence": 1.0, "action_text": null, "hide_rule_turn": true}');
INSERT INTO "events" VALUES(52,'web-86c4c8b2647621c8deef25a09410ed85','slot',1.79579581599172520634e+09,NULL,'handoff_note','{"event": "slot", "timestamp": 1795795815.9917252, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "handoff_note", "value": "F\u00f6nstret blir vitt n\u00e4r jag \u00f6ppnar ett formul\u00e4r"}');
INSERT INTO "events" VALUES(53,'web-86c4c8b2647621c8deef25a09410ed85','slot',1.79579581599172925952e+09,NULL,'requested_slot','{"event": "slot", "timestamp": 1795795815.9917293, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "requested_slot", "value": "handoff_contact"}');
INSERT INTO "events" VALUES(54,'web-86c4c8b2647621c8deef25a09410ed85','bot',1.79579581599173092841e+09,NULL,NULL,'{"event": "bot", "timestamp": 1795795815.991731, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "text": "Hur n\u00e5r IT kundservice dig? Skriv telefonnummer eller e-post, och g\u00e4rna ditt namn och din enhet. Du kan ocks\u00e5 f\u00e5 svaret h\u00e4r i chatten.", "data": {"elements": null, "quick_replies": null, "buttons": [{"title": "Svara h\u00e4r i chatten", "payload": "/change_contact{\"contact_way\": \"chat\"}"}, {"title": "Skicka inget \u00e4rende", "payload": "/stop"}], "attachment": null, "image": null, "custom": null}}');
INSERT INTO "events" VALUES(55,'web-86c4c8b2647621c8deef25a09410ed85','action',1.79579581599252200126e+09,NULL,'action_listen','{"event": "action", "timestamp": 1795795815.992522, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "action_listen", "policy": "ShortRulePolicy", "confidence": 1.0, "action_text": null, "hide_rule_turn": true}');
INSERT INTO "events" VALUES(56,'web-86c4c8b2647621c8deef25a09410ed85','user',1.79579581600349378581e+09,'change_contact',NULL,'{"event": "user", "timestamp": 1795795816.0034938, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "text": "/change_contact{\"contact_way\": \"chat\"}", "parse_data": {"intent": {"name": "change_contact", "confidence": 1.0}, "entities": [{"entity": "contact_way", "value": "chat", "start": 15, "end": 38, "extractor": "RegexMessageHandler"}], "text": "/change_contact{\"contact_way\": \"chat\"}", "message_id": "8087d850b3c84fed8e3895a65c9e5f74", "metadata": {}, "intent_ranking": [{"name": "change_contact", "confidence": 1.0}]}, "input_channel": "web", "message_id": "8087d850b3c84fed8e3895a65c9e5f74"}');
INSERT INTO "events" VALUES(57,'web-86c4c8b2647621c8deef25a09410ed85','user_featurization',1.7957958160111198425e+09,NULL,NULL,'{"event": "user_featurization", "timestamp": 1795795816.0111198, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "use_text_for_featurization": false}');
INSERT INTO "events" VALUES(58,'web-86c4c8b2647621c8deef25a09410ed85','action',1.79579581601113247866e+09,NULL,'handoff_form','{"event": "action", "timestamp": 1795795816.0111325, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "handoff_form", "policy": "ShortRulePolicy", "confidence": 1.0, "action_text": null, "hide_rule_turn": true}');
INSERT INTO "events" VALUES(59,'web-86c4c8b2647621c8deef25a09410ed85','slot',1.795795816011207819e+09,NULL,'handoff_contact','{"event": "slot", "timestamp": 1795795816.0112078, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "handoff_contact", "value": {"phone": "", "email": "", "name": "", "unit": "", "hsa_id": "", "chat": true, "said": ""}}');
INSERT INTO "events" VALUES(60,'web-86c4c8b2647621c8deef25a09410ed85','slot',1.79579581601121187209e+09,NULL,'contact','{"event": "slot", "timestamp": 1795795816.0112119, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "contact", "value": {"phone": "", "email": "", "name": "", "unit": "", "hsa_id": "", "chat": true, "said": ""}}');
INSERT INTO "events" VALUES(61,'web-86c4c8b2647621c8deef25a09410ed85','slot',1.79579581601121377942e+09,NULL,'requested_slot','{"event": "slot", "timestamp": 1795795816.0112138, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "requested_slot", "value": "handoff_confirmed"}');
INSERT INTO "events" VALUES(62,'web-86c4c8b2647621c8deef25a09410ed85','bot',1.7957958160112154484e+09,NULL,NULL,'{"event": "bot", "timestamp": 1795795816.0112154, "metadata": {"card": "preview", "model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "text": "Det h\u00e4r skickar jag till IT kundservice:\n\n**Problem:** F\u00f6nstret blir vitt n\u00e4r jag \u00f6ppnar ett formul\u00e4r\n**Till:** IT kundservice\n**Prioritet:** Br\u00e5dskande (en patient v\u00e4ntar)\n**N\u00e5s p\u00e5:** svar i chatten\n\nV\u00e5rt samtal h\u00e4r kommer ocks\u00e5 med, utan personnummer. Ska jag skicka?", "data": {"elements": null, "quick_replies": null, "buttons": [{"title": "Ja, skicka", "payload": "/affirm"}, {"title": "\u00c4ndra texten", "payload": "/go_back"}, {"title": "\u00c4ndra hur jag n\u00e5s", "payload": "/change_contact"}, {"title": "\u00c4ndra vem som har problemet", "payload": "/inform_affected"}, {"title": "Skicka inte", "payload": "/deny"}], "attachment": null, "image": null, "custom": null}}');
INSERT INTO "events" VALUES(63,'web-86c4c8b2647621c8deef25a09410ed85','slot',1.79579581601121735573e+09,NULL,'handoff_id','{"event": "slot", "timestamp": 1795795816.0112174, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "handoff_id", "value": "a8abac6e3a1140ad9c609f3d0dcdeed3"}');
INSERT INTO "events" VALUES(64,'web-86c4c8b2647621c8deef25a09410ed85','action',1.79579581601207900051e+09,NULL,'action_listen','{"event": "action", "timestamp": 1795795816.012079, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "action_listen", "policy": "ShortRulePolicy", "confidence": 1.0, "action_text": null, "hide_rule_turn": true}');
INSERT INTO "events" VALUES(65,'web-86c4c8b2647621c8deef25a09410ed85','user',1.79579581602142310139e+09,'affirm',NULL,'{"event": "user", "timestamp": 1795795816.021423, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "text": "/affirm", "parse_data": {"intent": {"name": "affirm", "confidence": 1.0}, "entities": [], "text": "/affirm", "message_id": "91ba30fdef0442b8b02d385dd345840e", "metadata": {}, "intent_ranking": [{"name": "affirm", "confidence": 1.0}]}, "input_channel": "web", "message_id": "91ba30fdef0442b8b02d385dd345840e"}');
INSERT INTO "events" VALUES(66,'web-86c4c8b2647621c8deef25a09410ed85','slot',1.79579581602171826359e+09,NULL,'handoff_confirmed','{"event": "slot", "timestamp": 1795795816.0217183, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "handoff_confirmed", "value": true}');
INSERT INTO "events" VALUES(67,'web-86c4c8b2647621c8deef25a09410ed85','user_featurization',1.7957958160261743069e+09,NULL,NULL,'{"event": "user_featurization", "timestamp": 1795795816.0261743, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "use_text_for_featurization": false}');
INSERT INTO "events" VALUES(68,'web-86c4c8b2647621c8deef25a09410ed85','action',1.7957958160261845589e+09,NULL,'handoff_form','{"event": "action", "timestamp": 1795795816.0261846, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "handoff_form", "policy": "ShortRulePolicy", "confidence": 1.0, "action_text": null, "hide_rule_turn": true}');
INSERT INTO "events" VALUES(69,'web-86c4c8b2647621c8deef25a09410ed85','slot',1.7957958160262320041e+09,NULL,'handoff_confirmed','{"event": "slot", "timestamp": 1795795816.026232, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "handoff_confirmed", "value": true}');
INSERT INTO "events" VALUES(70,'web-86c4c8b2647621c8deef25a09410ed85','slot',1.79579581602623605729e+09,NULL,'requested_slot','{"event": "slot", "timestamp": 1795795816.026236, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "requested_slot", "value": null}');
INSERT INTO "events" VALUES(71,'web-86c4c8b2647621c8deef25a09410ed85','active_loop',1.79579581602623915672e+09,NULL,NULL,'{"event": "active_loop", "timestamp": 1795795816.0262392, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": null}');
INSERT INTO "events" VALUES(72,'web-86c4c8b2647621c8deef25a09410ed85','action',1.79579581605307769774e+09,NULL,'action_finish_handoff','{"event": "action", "timestamp": 1795795816.0530777, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "action_finish_handoff", "policy": "ShortRulePolicy", "confidence": 1.0, "action_text": null, "hide_rule_turn": true}');
INSERT INTO "events" VALUES(73,'web-86c4c8b2647621c8deef25a09410ed85','bot',1.79579581605319213866e+09,NULL,NULL,'{"event": "bot", "timestamp": 1795795816.0531921, "metadata": {"card": "receipt", "model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "text": "Klart! Ditt \u00e4rende till IT kundservice har nummer **LOT-000001** och kod **CQDQ-G8KC**. Det du har provat st\u00e5r i \u00e4rendet, s\u00e5 du beh\u00f6ver inte f\u00f6rklara det igen.\n\nBlir det br\u00e5ttom ringer du IT kundservice p\u00e5 14141 och s\u00e4ger numret. Du kan ocks\u00e5 g\u00f6ra \u00e4renden i Tj\u00e4nstekatalogen.\n\nN\u00e4r de svarar ser du det h\u00e4r i chatten. Vill du veta hur det g\u00e5r, skriv \u201dhur g\u00e5r det med mitt \u00e4rende?\u201d. Fr\u00e5n en annan chatt beh\u00f6ver du b\u00e5de numret och koden.", "data": {"elements": null, "quick_replies": null, "buttons": null, "attachment": null, "image": null, "custom": null}}');
INSERT INTO "events" VALUES(74,'web-86c4c8b2647621c8deef25a09410ed85','slot',1.79579581605319619176e+09,NULL,'handoff_affected','{"event": "slot", "timestamp": 1795795816.0531962, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "handoff_affected", "value": null}');
INSERT INTO "events" VALUES(75,'web-86c4c8b2647621c8deef25a09410ed85','slot',1.79579581605320239066e+09,NULL,'handoff_note','{"event": "slot", "timestamp": 1795795816.0532024, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "handoff_note", "value": null}');
INSERT INTO "events" VALUES(76,'web-86c4c8b2647621c8deef25a09410ed85','slot',1.79579581605320477482e+09,NULL,'handoff_contact','{"event": "slot", "timestamp": 1795795816.0532048, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "handoff_contact", "value": null}');
INSERT INTO "events" VALUES(77,'web-86c4c8b2647621c8deef25a09410ed85','slot',1.79579581605320835117e+09,NULL,'handoff_confirmed','{"event": "slot", "timestamp": 1795795816.0532084, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "handoff_confirmed", "value": null}');
INSERT INTO "events" VALUES(78,'web-86c4c8b2647621c8deef25a09410ed85','slot',1.7957958160532102585e+09,NULL,'handoff_id','{"event": "slot", "timestamp": 1795795816.0532103, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "handoff_id", "value": null}');
INSERT INTO "events" VALUES(79,'web-86c4c8b2647621c8deef25a09410ed85','slot',1.79579581605321240422e+09,NULL,'error_text','{"event": "slot", "timestamp": 1795795816.0532124, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "error_text", "value": null}');
INSERT INTO "events" VALUES(80,'web-86c4c8b2647621c8deef25a09410ed85','slot',1.79579581605321431155e+09,NULL,'guide_run','{"event": "slot", "timestamp": 1795795816.0532143, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "guide_run", "value": null}');
INSERT INTO "events" VALUES(81,'web-86c4c8b2647621c8deef25a09410ed85','slot',1.79579581605321621888e+09,NULL,'guides_waiting','{"event": "slot", "timestamp": 1795795816.0532162, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "guides_waiting", "value": null}');
INSERT INTO "events" VALUES(82,'web-86c4c8b2647621c8deef25a09410ed85','slot',1.79579581605321836473e+09,NULL,'tried','{"event": "slot", "timestamp": 1795795816.0532184, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "tried", "value": null}');
INSERT INTO "events" VALUES(83,'web-86c4c8b2647621c8deef25a09410ed85','action',1.79579581605485320092e+09,NULL,'action_listen','{"event": "action", "timestamp": 1795795816.0548532, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "action_listen", "policy": "ShortRulePolicy", "confidence": 1.0, "action_text": null, "hide_rule_turn": true}');
INSERT INTO "events" VALUES(84,'web-9a8be032de700fbb0553f5b28a50e17d','action',1.79579581636536788941e+09,NULL,'action_session_start','{"event": "action", "timestamp": 1795795816.365368, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "action_session_start", "policy": null, "confidence": 1.0, "action_text": null, "hide_rule_turn": false}');
INSERT INTO "events" VALUES(85,'web-9a8be032de700fbb0553f5b28a50e17d','session_started',1.79579581636541295045e+09,NULL,NULL,'{"event": "session_started", "timestamp": 1795795816.365413, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}}');
INSERT INTO "events" VALUES(86,'web-9a8be032de700fbb0553f5b28a50e17d','action',1.7957958163654279709e+09,NULL,'action_listen','{"event": "action", "timestamp": 1795795816.365428, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "action_listen", "policy": null, "confidence": null, "action_text": null, "hide_rule_turn": false}');
INSERT INTO "events" VALUES(87,'web-9a8be032de700fbb0553f5b28a50e17d','user',1.79579581637008953089e+09,'greet',NULL,'{"event": "user", "timestamp": 1795795816.3700895, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "text": "/greet", "parse_data": {"intent": {"name": "greet", "confidence": 1.0}, "entities": [], "text": "/greet", "message_id": "3037d80c1dcf42498cd987546e3fe3f0", "metadata": {}, "intent_ranking": [{"name": "greet", "confidence": 1.0}]}, "input_channel": "web", "message_id": "3037d80c1dcf42498cd987546e3fe3f0"}');
INSERT INTO "events" VALUES(88,'web-9a8be032de700fbb0553f5b28a50e17d','user_featurization',1.7957958163709480762e+09,NULL,NULL,'{"event": "user_featurization", "timestamp": 1795795816.370948, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "use_text_for_featurization": false}');
INSERT INTO "events" VALUES(89,'web-9a8be032de700fbb0553f5b28a50e17d','action',1.79579581637095713614e+09,NULL,'utter_greet','{"event": "action", "timestamp": 1795795816.3709571, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "utter_greet", "policy": "ShortRulePolicy", "confidence": 1.0, "action_text": null, "hide_rule_turn": true}');
INSERT INTO "events" VALUES(90,'web-9a8be032de700fbb0553f5b28a50e17d','bot',1.79579581637098646164e+09,NULL,NULL,'{"event": "bot", "timestamp": 1795795816.3709865, "metadata": {"utter_action": "utter_greet", "model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "text": "Hej! Jag \u00e4r Lotsen, en chattrobot f\u00f6r dig som arbetar med **St\u00f6d och behandling**.\n\n- Jag svarar p\u00e5 vanliga fr\u00e5gor.\n- Jag g\u00e5r igenom tekniska problem med dig, ett steg i taget.\n- \u00c4r felet kvar skickar jag ett \u00e4rende till IT kundservice, med det du redan har provat.\n\nSkriv inga personuppgifter h\u00e4r, varken dina egna eller n\u00e5gon patients. Vad g\u00e4ller det?\n", "data": {"elements": null, "quick_replies": null, "buttons": [{"title": "Jag kan inte logga in", "payload": "/login_problem"}, {"title": "Visa alla fr\u00e5gor", "payload": "/show_menu"}, {"title": "Kontakta IT kundservice", "payload": "/talk_to_human"}], "attachment": null, "image": null, "custom": null}}');
INSERT INTO "events" VALUES(91,'web-9a8be032de700fbb0553f5b28a50e17d','action',1.79579581637227416041e+09,NULL,'action_listen','{"event": "action", "timestamp": 1795795816.3722742, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "action_listen", "policy": "ShortRulePolicy", "confidence": 1.0, "action_text": null, "hide_rule_turn": true}');
INSERT INTO "events" VALUES(92,'web-9a8be032de700fbb0553f5b28a50e17d','user',1.79579581638276100153e+09,'talk_to_human',NULL,'{"event": "user", "timestamp": 1795795816.382761, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "text": "jag vill prata med en m\u00e4nniska", "parse_data": {"intent": {"name": "talk_to_human", "confidence": 0.9989959662193811}, "entities": [], "text": "jag vill prata med en m\u00e4nniska", "message_id": "b6105bf323624a38ad62be733c8c06f7", "metadata": {}, "text_tokens": [[0, 3], [4, 8], [9, 14], [15, 18], [19, 21], [22, 30]], "intent_ranking": [{"name": "talk_to_human", "confidence": 0.9989959662193811}, {"name": "bot_challenge", "confidence": 0.0008608796862667516}, {"name": "contact_for_questions", "confidence": 4.549579009253253e-05}, {"name": "change_contact", "confidence": 1.0830028359014962e-05}, {"name": "case_status", "confidence": 7.201604307771653e-06}, {"name": "program_idea", "confidence": 5.766387106678317e-06}, {"name": "go_back", "confidence": 5.096058739278581e-06}, {"name": "out_of_scope", "confidence": 4.1712888931492265e-06}, {"name": "show_menu", "confidence": 3.8514674213367995e-06}, {"name": "buy_program_from_other_region", "confidence": 3.1634621257884306e-06}], "suggestions": [], "two_questions": false, "guide_word": {"name": "go_back", "confidence": 5.096058739278581e-06}}, "input_channel": "web", "message_id": "b6105bf323624a38ad62be733c8c06f7"}');
INSERT INTO "events" VALUES(93,'web-9a8be032de700fbb0553f5b28a50e17d','user_featurization',1.79579581638593077661e+09,NULL,NULL,'{"event": "user_featurization", "timestamp": 1795795816.3859308, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "use_text_for_featurization": false}');
INSERT INTO "events" VALUES(94,'web-9a8be032de700fbb0553f5b28a50e17d','action',1.7957958163859453201e+09,NULL,'action_begin_handoff','{"event": "action", "timestamp": 1795795816.3859453, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "action_begin_handoff", "policy": "ShortRulePolicy", "confidence": 1.0, "action_text": null, "hide_rule_turn": true}');
INSERT INTO "events" VALUES(95,'web-9a8be032de700fbb0553f5b28a50e17d','bot',1.79579581638596987719e+09,NULL,NULL,'{"event": "bot", "timestamp": 1795795816.3859699, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "text": "Jag hj\u00e4lper dig att skicka ett \u00e4rende till IT kundservice. \u00c4r det br\u00e5ttom kan du ringa IT kundservice p\u00e5 14141. Du kan ocks\u00e5 g\u00f6ra \u00e4rendet sj\u00e4lv i Tj\u00e4nstekatalogen.", "data": {"elements": null, "quick_replies": null, "buttons": null, "attachment": null, "image": null, "custom": null}}');
INSERT INTO "events" VALUES(96,'web-9a8be032de700fbb0553f5b28a50e17d','action',1.79579581639356613154e+09,NULL,'handoff_form','{"event": "action", "timestamp": 1795795816.3935661, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "handoff_form", "policy": "ShortRulePolicy", "confidence": 1.0, "action_text": null, "hide_rule_turn": true}');
INSERT INTO "events" VALUES(97,'web-9a8be032de700fbb0553f5b28a50e17d','active_loop',1.79579581639362812037e+09,NULL,'handoff_form','{"event": "active_loop", "timestamp": 1795795816.3936281, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "handoff_form"}');
INSERT INTO "events" VALUES(98,'web-9a8be032de700fbb0553f5b28a50e17d','slot',1.79579581639363193516e+09,NULL,'requested_slot','{"event": "slot", "timestamp": 1795795816.393632, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "requested_slot", "value": "handoff_affected"}');
INSERT INTO "events" VALUES(99,'web-9a8be032de700fbb0553f5b28a50e17d','bot',1.79579581639363551138e+09,NULL,NULL,'{"event": "bot", "timestamp": 1795795816.3936355, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "text": "Vem har problemet?", "data": {"elements": null, "quick_replies": null, "buttons": [{"title": "Jag eller en kollega", "payload": "/inform_affected{\"affected\": \"personal\"}"}, {"title": "Flera p\u00e5 jobbet", "payload": "/inform_affected{\"affected\": \"several\"}"}, {"title": "En patient v\u00e4ntar p\u00e5 mig", "payload": "/inform_affected{\"affected\": \"patient_waits\"}"}, {"title": "En inv\u00e5nare", "payload": "/inform_affected{\"affected\": \"inv\u00e5nare\"}"}, {"title": "Hoppa \u00f6ver", "payload": "/deny"}, {"title": "Skicka inget \u00e4rende", "payload": "/stop"}], "attachment": null, "image": null, "custom": null}}');
INSERT INTO "events" VALUES(100,'web-9a8be032de700fbb0553f5b28a50e17d','action',1.7957958163946521282e+09,NULL,'action_listen','{"event": "action", "timestamp": 1795795816.3946521, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "action_listen", "policy": "ShortRulePolicy", "confidence": 1.0, "action_text": null, "hide_rule_turn": true}');
INSERT INTO "events" VALUES(101,'web-9a8be032de700fbb0553f5b28a50e17d','user',1.79579581640489149094e+09,'inform_affected',NULL,'{"event": "user", "timestamp": 1795795816.4048915, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "text": "/inform_affected{\"affected\": \"personal\"}", "parse_data": {"intent": {"name": "inform_affected", "confidence": 1.0}, "entities": [{"entity": "affected", "value": "personal", "start": 16, "end": 40, "extractor": "RegexMessageHandler"}], "text": "/inform_affected{\"affected\": \"personal\"}", "message_id": "b6df947abd5b4663becdb92339ee0cfc", "metadata": {}, "intent_ranking": [{"name": "inform_affected", "confidence": 1.0}]}, "input_channel": "web", "message_id": "b6df947abd5b4663becdb92339ee0cfc"}');
INSERT INTO "events" VALUES(102,'web-9a8be032de700fbb0553f5b28a50e17d','user_featurization',1.7957958164127943516e+09,NULL,NULL,'{"event": "user_featurization", "timestamp": 1795795816.4127944, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "use_text_for_featurization": false}');
INSERT INTO "events" VALUES(103,'web-9a8be032de700fbb0553f5b28a50e17d','action',1.79579581641281700132e+09,NULL,'handoff_form','{"event": "action", "timestamp": 1795795816.412817, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "handoff_form", "policy": "ShortRulePolicy", "confidence": 1.0, "action_text": null, "hide_rule_turn": true}');
INSERT INTO "events" VALUES(104,'web-9a8be032de700fbb0553f5b28a50e17d','slot',1.79579581641289186474e+09,NULL,'handoff_affected','{"event": "slot", "timestamp": 1795795816.4128919, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "handoff_affected", "value": "personal"}');
INSERT INTO "events" VALUES(105,'web-9a8be032de700fbb0553f5b28a50e17d','slot',1.79579581641289734838e+09,NULL,'requested_slot','{"event": "slot", "timestamp": 1795795816.4128973, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "requested_slot", "value": "handoff_note"}');
INSERT INTO "events" VALUES(106,'web-9a8be032de700fbb0553f5b28a50e17d','bot',1.79579581641290020937e+09,NULL,NULL,'{"event": "bot", "timestamp": 1795795816.4129002, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "text": "Vad \u00e4r problemet? Skriv kort vad som h\u00e4nder och vad som st\u00e5r p\u00e5 sk\u00e4rmen. Skriv inga personuppgifter.", "data": {"elements": null, "quick_replies": null, "buttons": [{"title": "Hoppa \u00f6ver", "payload": "/deny"}, {"title": "Skicka inget \u00e4rende", "payload": "/stop"}], "attachment": null, "image": null, "custom": null}}');
INSERT INTO "events" VALUES(107,'web-9a8be032de700fbb0553f5b28a50e17d','action',1.79579581641416668891e+09,NULL,'action_listen','{"event": "action", "timestamp": 1795795816.4141667, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "action_listen", "policy": "ShortRulePolicy", "confidence": 1.0, "action_text": null, "hide_rule_turn": true}');
INSERT INTO "events" VALUES(108,'web-9a8be032de700fbb0553f5b28a50e17d','user',1.7957958164282288551e+09,'other_login_problem',NULL,'{"event": "user", "timestamp": 1795795816.4282289, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "text": "Listan med mina deltagare \u00e4r tom", "parse_data": {"intent": {"name": "other_login_problem", "confidence": 0.7893219656404985}, "entities": [], "text": "Listan med mina deltagare \u00e4r tom", "message_id": "859d9b49286a4bf2a1866e7898714be6", "metadata": {}, "text_tokens": [[0, 6], [7, 10], [11, 15], [16, 25], [26, 28], [29, 32]], "intent_ranking": [{"name": "other_login_problem", "confidence": 0.7893219656404985}, {"name": "sleep_diary_not_saved", "confidence": 0.09564224622125181}, {"name": "none_of_these", "confidence": 0.04170005006497646}, {"name": "get_specific_program", "confidence": 0.008748603683958665}, {"name": "maintenance_mode", "confidence": 0.004033249227960572}, {"name": "show_menu", "confidence": 0.0037182145726676026}, {"name": "problem_persists", "confidence": 0.0035778157582213193}, {"name": "program_improvement", "confidence": 0.0029597102919969275}, {"name": "resident_cannot_log_in", "confidence": 0.0025126817418413185}, {"name": "how_to_purge", "confidence": 0.002301092677851592}], "suggestions": [], "two_questions": false, "guide_word": {"name": "problem_persists", "confidence": 0.0035778157582213193}}, "input_channel": "web", "message_id": "859d9b49286a4bf2a1866e7898714be6"}');
INSERT INTO "events" VALUES(109,'web-9a8be032de700fbb0553f5b28a50e17d','slot',1.79579581642864847179e+09,NULL,'handoff_note','{"event": "slot", "timestamp": 1795795816.4286485, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "handoff_note", "value": "Listan med mina deltagare \u00e4r tom"}');
INSERT INTO "events" VALUES(110,'web-9a8be032de700fbb0553f5b28a50e17d','user_featurization',1.79579581643646979329e+09,NULL,NULL,'{"event": "user_featurization", "timestamp": 1795795816.4364698, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "use_text_for_featurization": false}');
INSERT INTO "events" VALUES(111,'web-9a8be032de700fbb0553f5b28a50e17d','action',1.79579581643649196622e+09,NULL,'handoff_form','{"event": "action", "timestamp": 1795795816.436492, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "handoff_form", "policy": "ShortRulePolicy", "confidence": 1.0, "action_text": null, "hide_rule_turn": true}');
INSERT INTO "events" VALUES(112,'web-9a8be032de700fbb0553f5b28a50e17d','slot',1.79579581643655896185e+09,NULL,'handoff_note','{"event": "slot", "timestamp": 1795795816.436559, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "handoff_note", "value": "Listan med mina deltagare \u00e4r tom"}');
INSERT INTO "events" VALUES(113,'web-9a8be032de700fbb0553f5b28a50e17d','slot',1.79579581643656468396e+09,NULL,'requested_slot','{"event": "slot", "timestamp": 1795795816.4365647, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "requested_slot", "value": "handoff_contact"}');
INSERT INTO "events" VALUES(114,'web-9a8be032de700fbb0553f5b28a50e17d','bot',1.79579581643656754495e+09,NULL,NULL,'{"event": "bot", "timestamp": 1795795816.4365675, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "text": "Hur n\u00e5r IT kundservice dig? Skriv telefonnummer eller e-post, och g\u00e4rna ditt namn och din enhet. Du kan ocks\u00e5 f\u00e5 svaret h\u00e4r i chatten.", "data": {"elements": null, "quick_replies": null, "buttons": [{"title": "Svara h\u00e4r i chatten", "payload": "/change_contact{\"contact_way\": \"chat\"}"}, {"title": "Skicka inget \u00e4rende", "payload": "/stop"}], "attachment": null, "image": null, "custom": null}}');
INSERT INTO "events" VALUES(115,'web-9a8be032de700fbb0553f5b28a50e17d','action',1.79579581643773388867e+09,NULL,'action_listen','{"event": "action", "timestamp": 1795795816.437734, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "action_listen", "policy": "ShortRulePolicy", "confidence": 1.0, "action_text": null, "hide_rule_turn": true}');
INSERT INTO "events" VALUES(116,'web-9a8be032de700fbb0553f5b28a50e17d','user',1.79579581644858169561e+09,'change_contact',NULL,'{"event": "user", "timestamp": 1795795816.4485817, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "text": "/change_contact{\"contact_way\": \"chat\"}", "parse_data": {"intent": {"name": "change_contact", "confidence": 1.0}, "entities": [{"entity": "contact_way", "value": "chat", "start": 15, "end": 38, "extractor": "RegexMessageHandler"}], "text": "/change_contact{\"contact_way\": \"chat\"}", "message_id": "18a93849ca0744bc8b80f19a5a7820bd", "metadata": {}, "intent_ranking": [{"name": "change_contact", "confidence": 1.0}]}, "input_channel": "web", "message_id": "18a93849ca0744bc8b80f19a5a7820bd"}');
INSERT INTO "events" VALUES(117,'web-9a8be032de700fbb0553f5b28a50e17d','user_featurization',1.79579581645813727381e+09,NULL,NULL,'{"event": "user_featurization", "timestamp": 1795795816.4581373, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "use_text_for_featurization": false}');
INSERT INTO "events" VALUES(118,'web-9a8be032de700fbb0553f5b28a50e17d','action',1.79579581645815873148e+09,NULL,'handoff_form','{"event": "action", "timestamp": 1795795816.4581587, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "handoff_form", "policy": "ShortRulePolicy", "confidence": 1.0, "action_text": null, "hide_rule_turn": true}');
INSERT INTO "events" VALUES(119,'web-9a8be032de700fbb0553f5b28a50e17d','slot',1.79579581645828270913e+09,NULL,'handoff_contact','{"event": "slot", "timestamp": 1795795816.4582827, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "handoff_contact", "value": {"phone": "", "email": "", "name": "", "unit": "", "hsa_id": "", "chat": true, "said": ""}}');
INSERT INTO "events" VALUES(120,'web-9a8be032de700fbb0553f5b28a50e17d','slot',1.7957958164582896233e+09,NULL,'contact','{"event": "slot", "timestamp": 1795795816.4582896, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "contact", "value": {"phone": "", "email": "", "name": "", "unit": "", "hsa_id": "", "chat": true, "said": ""}}');
INSERT INTO "events" VALUES(121,'web-9a8be032de700fbb0553f5b28a50e17d','slot',1.79579581645829296113e+09,NULL,'requested_slot','{"event": "slot", "timestamp": 1795795816.458293, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "requested_slot", "value": "handoff_confirmed"}');
INSERT INTO "events" VALUES(122,'web-9a8be032de700fbb0553f5b28a50e17d','bot',1.79579581645829606051e+09,NULL,NULL,'{"event": "bot", "timestamp": 1795795816.458296, "metadata": {"card": "preview", "model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "text": "Det h\u00e4r skickar jag till IT kundservice:\n\n**Problem:** Listan med mina deltagare \u00e4r tom\n**Till:** IT kundservice\n**Prioritet:** Normal\n**N\u00e5s p\u00e5:** svar i chatten\n\nV\u00e5rt samtal h\u00e4r kommer ocks\u00e5 med, utan personnummer. Ska jag skicka?", "data": {"elements": null, "quick_replies": null, "buttons": [{"title": "Ja, skicka", "payload": "/affirm"}, {"title": "\u00c4ndra texten", "payload": "/go_back"}, {"title": "\u00c4ndra hur jag n\u00e5s", "payload": "/change_contact"}, {"title": "\u00c4ndra vem som har problemet", "payload": "/inform_affected"}, {"title": "Skicka inte", "payload": "/deny"}], "attachment": null, "image": null, "custom": null}}');
INSERT INTO "events" VALUES(123,'web-9a8be032de700fbb0553f5b28a50e17d','slot',1.7957958164582996369e+09,NULL,'handoff_id','{"event": "slot", "timestamp": 1795795816.4582996, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "handoff_id", "value": "e5fe5d722b6745728eaf3e351beb3406"}');
INSERT INTO "events" VALUES(124,'web-9a8be032de700fbb0553f5b28a50e17d','action',1.79579581645952987677e+09,NULL,'action_listen','{"event": "action", "timestamp": 1795795816.4595299, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "action_listen", "policy": "ShortRulePolicy", "confidence": 1.0, "action_text": null, "hide_rule_turn": true}');
INSERT INTO "events" VALUES(125,'web-9a8be032de700fbb0553f5b28a50e17d','user',1.79579581647226190562e+09,'affirm',NULL,'{"event": "user", "timestamp": 1795795816.472262, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "text": "/affirm", "parse_data": {"intent": {"name": "affirm", "confidence": 1.0}, "entities": [], "text": "/affirm", "message_id": "70efc4e130194bc5a71841335b132660", "metadata": {}, "intent_ranking": [{"name": "affirm", "confidence": 1.0}]}, "input_channel": "web", "message_id": "70efc4e130194bc5a71841335b132660"}');
INSERT INTO "events" VALUES(126,'web-9a8be032de700fbb0553f5b28a50e17d','slot',1.79579581647268629075e+09,NULL,'handoff_confirmed','{"event": "slot", "timestamp": 1795795816.4726863, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "handoff_confirmed", "value": true}');
INSERT INTO "events" VALUES(127,'web-9a8be032de700fbb0553f5b28a50e17d','user_featurization',1.79579581647819852834e+09,NULL,NULL,'{"event": "user_featurization", "timestamp": 1795795816.4781985, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "use_text_for_featurization": false}');
INSERT INTO "events" VALUES(128,'web-9a8be032de700fbb0553f5b28a50e17d','action',1.79579581647821235656e+09,NULL,'handoff_form','{"event": "action", "timestamp": 1795795816.4782124, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "handoff_form", "policy": "ShortRulePolicy", "confidence": 1.0, "action_text": null, "hide_rule_turn": true}');
INSERT INTO "events" VALUES(129,'web-9a8be032de700fbb0553f5b28a50e17d','slot',1.79579581647826194766e+09,NULL,'handoff_confirmed','{"event": "slot", "timestamp": 1795795816.478262, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "handoff_confirmed", "value": true}');
INSERT INTO "events" VALUES(130,'web-9a8be032de700fbb0553f5b28a50e17d','slot',1.79579581647826576232e+09,NULL,'requested_slot','{"event": "slot", "timestamp": 1795795816.4782658, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "requested_slot", "value": null}');
INSERT INTO "events" VALUES(131,'web-9a8be032de700fbb0553f5b28a50e17d','active_loop',1.7957958164782688617e+09,NULL,NULL,'{"event": "active_loop", "timestamp": 1795795816.4782689, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": null}');
INSERT INTO "events" VALUES(132,'web-9a8be032de700fbb0553f5b28a50e17d','action',1.79579581648983526232e+09,NULL,'action_finish_handoff','{"event": "action", "timestamp": 1795795816.4898353, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "action_finish_handoff", "policy": "ShortRulePolicy", "confidence": 1.0, "action_text": null, "hide_rule_turn": true}');
INSERT INTO "events" VALUES(133,'web-9a8be032de700fbb0553f5b28a50e17d','bot',1.79579581649000692361e+09,NULL,NULL,'{"event": "bot", "timestamp": 1795795816.490007, "metadata": {"card": "receipt", "model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "text": "Klart! Ditt \u00e4rende till IT kundservice har nummer **LOT-000002** och kod **HNY8-5TZC**. Det du har provat st\u00e5r i \u00e4rendet, s\u00e5 du beh\u00f6ver inte f\u00f6rklara det igen.\n\nBlir det br\u00e5ttom ringer du IT kundservice p\u00e5 14141 och s\u00e4ger numret. Du kan ocks\u00e5 g\u00f6ra \u00e4renden i Tj\u00e4nstekatalogen.\n\nN\u00e4r de svarar ser du det h\u00e4r i chatten. Vill du veta hur det g\u00e5r, skriv \u201dhur g\u00e5r det med mitt \u00e4rende?\u201d. Fr\u00e5n en annan chatt beh\u00f6ver du b\u00e5de numret och koden.", "data": {"elements": null, "quick_replies": null, "buttons": null, "attachment": null, "image": null, "custom": null}}');
INSERT INTO "events" VALUES(134,'web-9a8be032de700fbb0553f5b28a50e17d','slot',1.79579581649001240734e+09,NULL,'handoff_affected','{"event": "slot", "timestamp": 1795795816.4900124, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "handoff_affected", "value": null}');
INSERT INTO "events" VALUES(135,'web-9a8be032de700fbb0553f5b28a50e17d','slot',1.7957958164900197983e+09,NULL,'handoff_note','{"event": "slot", "timestamp": 1795795816.4900198, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "handoff_note", "value": null}');
INSERT INTO "events" VALUES(136,'web-9a8be032de700fbb0553f5b28a50e17d','slot',1.79579581649002289773e+09,NULL,'handoff_contact','{"event": "slot", "timestamp": 1795795816.490023, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "handoff_contact", "value": null}');
INSERT INTO "events" VALUES(137,'web-9a8be032de700fbb0553f5b28a50e17d','slot',1.79579581649002814288e+09,NULL,'handoff_confirmed','{"event": "slot", "timestamp": 1795795816.4900281, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "handoff_confirmed", "value": null}');
INSERT INTO "events" VALUES(138,'web-9a8be032de700fbb0553f5b28a50e17d','slot',1.79579581649003052713e+09,NULL,'handoff_id','{"event": "slot", "timestamp": 1795795816.4900305, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "handoff_id", "value": null}');
INSERT INTO "events" VALUES(139,'web-9a8be032de700fbb0553f5b28a50e17d','slot',1.79579581649003338812e+09,NULL,'error_text','{"event": "slot", "timestamp": 1795795816.4900334, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "error_text", "value": null}');
INSERT INTO "events" VALUES(140,'web-9a8be032de700fbb0553f5b28a50e17d','slot',1.79579581649003624911e+09,NULL,'guide_run','{"event": "slot", "timestamp": 1795795816.4900362, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "guide_run", "value": null}');
INSERT INTO "events" VALUES(141,'web-9a8be032de700fbb0553f5b28a50e17d','slot',1.79579581649003911011e+09,NULL,'guides_waiting','{"event": "slot", "timestamp": 1795795816.490039, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "guides_waiting", "value": null}');
INSERT INTO "events" VALUES(142,'web-9a8be032de700fbb0553f5b28a50e17d','slot',1.79579581649004220962e+09,NULL,'tried','{"event": "slot", "timestamp": 1795795816.4900422, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "tried", "value": null}');
INSERT INTO "events" VALUES(143,'web-9a8be032de700fbb0553f5b28a50e17d','action',1.79579581649226832388e+09,NULL,'action_listen','{"event": "action", "timestamp": 1795795816.4922683, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "action_listen", "policy": "ShortRulePolicy", "confidence": 1.0, "action_text": null, "hide_rule_turn": true}');
INSERT INTO "events" VALUES(144,'web-cf235b12f86f61c3e4d4ce4903df887e','action',1.7957958173128359318e+09,NULL,'action_session_start','{"event": "action", "timestamp": 1795795817.312836, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "action_session_start", "policy": null, "confidence": 1.0, "action_text": null, "hide_rule_turn": false}');
INSERT INTO "events" VALUES(145,'web-cf235b12f86f61c3e4d4ce4903df887e','session_started',1.79579581731287574774e+09,NULL,NULL,'{"event": "session_started", "timestamp": 1795795817.3128757, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}}');
INSERT INTO "events" VALUES(146,'web-cf235b12f86f61c3e4d4ce4903df887e','action',1.79579581731288933756e+09,NULL,'action_listen','{"event": "action", "timestamp": 1795795817.3128893, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "action_listen", "policy": null, "confidence": null, "action_text": null, "hide_rule_turn": false}');
INSERT INTO "events" VALUES(147,'web-cf235b12f86f61c3e4d4ce4903df887e','user',1.79579581731524538998e+09,'greet',NULL,'{"event": "user", "timestamp": 1795795817.3152454, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "text": "/greet", "parse_data": {"intent": {"name": "greet", "confidence": 1.0}, "entities": [], "text": "/greet", "message_id": "e051bd9d69634c86841bf37109e3f83c", "metadata": {}, "intent_ranking": [{"name": "greet", "confidence": 1.0}]}, "input_channel": "web", "message_id": "e051bd9d69634c86841bf37109e3f83c"}');
INSERT INTO "events" VALUES(148,'web-cf235b12f86f61c3e4d4ce4903df887e','user_featurization',1.79579581731608939167e+09,NULL,NULL,'{"event": "user_featurization", "timestamp": 1795795817.3160894, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "use_text_for_featurization": false}');
INSERT INTO "events" VALUES(149,'web-cf235b12f86f61c3e4d4ce4903df887e','action',1.79579581731609797478e+09,NULL,'utter_greet','{"event": "action", "timestamp": 1795795817.316098, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "utter_greet", "policy": "ShortRulePolicy", "confidence": 1.0, "action_text": null, "hide_rule_turn": true}');
INSERT INTO "events" VALUES(150,'web-cf235b12f86f61c3e4d4ce4903df887e','bot',1.79579581731612753867e+09,NULL,NULL,'{"event": "bot", "timestamp": 1795795817.3161275, "metadata": {"utter_action": "utter_greet", "model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "text": "Hej! Jag \u00e4r Lotsen, en chattrobot f\u00f6r dig som arbetar med **St\u00f6d och behandling**.\n\n- Jag svarar p\u00e5 vanliga fr\u00e5gor.\n- Jag g\u00e5r igenom tekniska problem med dig, ett steg i taget.\n- \u00c4r felet kvar skickar jag ett \u00e4rende till IT kundservice, med det du redan har provat.\n\nSkriv inga personuppgifter h\u00e4r, varken dina egna eller n\u00e5gon patients. Vad g\u00e4ller det?\n", "data": {"elements": null, "quick_replies": null, "buttons": [{"title": "Jag kan inte logga in", "payload": "/login_problem"}, {"title": "Visa alla fr\u00e5gor", "payload": "/show_menu"}, {"title": "Kontakta IT kundservice", "payload": "/talk_to_human"}], "attachment": null, "image": null, "custom": null}}');
INSERT INTO "events" VALUES(151,'web-cf235b12f86f61c3e4d4ce4903df887e','action',1795795817.31696,NULL,'action_listen','{"event": "action", "timestamp": 1795795817.31696, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "action_listen", "policy": "ShortRulePolicy", "confidence": 1.0, "action_text": null, "hide_rule_turn": true}');
INSERT INTO "events" VALUES(152,'web-cf235b12f86f61c3e4d4ce4903df887e','user',1.79579581732581377035e+09,'page_cannot_be_displayed',NULL,'{"event": "user", "timestamp": 1795795817.3258138, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "text": "Det st\u00e5r \u201dWebbsidan kan inte visas\u201d n\u00e4r jag f\u00f6rs\u00f6ker logga in", "parse_data": {"intent": {"name": "page_cannot_be_displayed", "confidence": 0.9999985686283752}, "entities": [{"entity": "error_text", "start": 10, "end": 34, "value": "Webbsidan kan inte visas", "extractor": "SwedishEntityExtractor"}], "text": "Det st\u00e5r \u201dWebbsidan kan inte visas\u201d n\u00e4r jag f\u00f6rs\u00f6ker logga in", "message_id": "298e9307ba8d4c66b07a59afbafcd330", "metadata": {}, "text_tokens": [[0, 3], [4, 8], [9, 10], [10, 19], [20, 23], [24, 28], [29, 34], [34, 35], [36, 39], [40, 43], [44, 52], [53, 58], [59, 61]], "intent_ranking": [{"name": "page_cannot_be_displayed", "confidence": 0.9999985686283752}, {"name": "login_problem", "confidence": 3.5580321797101164e-07}, {"name": "page_missing_or_service_down", "confidence": 1.666157543089353e-07}, {"name": "user_already_exists_error", "confidence": 1.4493620259295868e-07}, {"name": "login_error", "confidence": 1.0624625909697828e-07}, {"name": "resident_cannot_log_in", "confidence": 8.523906002909395e-08}, {"name": "deny", "confidence": 8.152112834327594e-08}, {"name": "other_login_problem", "confidence": 6.589994085977658e-08}, {"name": "show_section", "confidence": 2.6239902534692632e-08}, {"name": "show_menu", "confidence": 2.5832424549728852e-08}], "suggestions": [], "two_questions": false, "guide_word": {"name": "deny", "confidence": 8.152112834327594e-08}}, "input_channel": "web", "message_id": "298e9307ba8d4c66b07a59afbafcd330"}');
INSERT INTO "events" VALUES(153,'web-cf235b12f86f61c3e4d4ce4903df887e','slot',1.79579581732606482504e+09,NULL,'error_text','{"event": "slot", "timestamp": 1795795817.3260648, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "error_text", "value": "Webbsidan kan inte visas"}');
INSERT INTO "events" VALUES(154,'web-cf235b12f86f61c3e4d4ce4903df887e','user_featurization',1.79579581733658671374e+09,NULL,NULL,'{"event": "user_featurization", "timestamp": 1795795817.3365867, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "use_text_for_featurization": false}');
INSERT INTO "events" VALUES(155,'web-cf235b12f86f61c3e4d4ce4903df887e','action',1.79579581733660626407e+09,NULL,'action_start_guide','{"event": "action", "timestamp": 1795795817.3366063, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "action_start_guide", "policy": "ShortRulePolicy", "confidence": 1.0, "action_text": null, "hide_rule_turn": true}');
INSERT INTO "events" VALUES(156,'web-cf235b12f86f61c3e4d4ce4903df887e','bot',1.79579581733672142031e+09,NULL,NULL,'{"event": "bot", "timestamp": 1795795817.3367214, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "text": "**\u201dWebbsidan kan inte visas\u201d**\n\nVi g\u00e5r igenom det tillsammans, ett steg i taget.", "data": {"elements": null, "quick_replies": null, "buttons": null, "attachment": null, "image": null, "custom": null}}');
INSERT INTO "events" VALUES(157,'web-cf235b12f86f61c3e4d4ce4903df887e','bot',1.79579581733672475818e+09,NULL,NULL,'{"event": "bot", "timestamp": 1795795817.3367248, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "text": "N\u00e4sta steg kan st\u00e4nga chatten. \u00d6ppna den i s\u00e5 fall igen, h\u00e4r eller p\u00e5 en annan dator, och skriv koden **2YY2-94Q7**. D\u00e5 forts\u00e4tter vi d\u00e4r vi \u00e4r.", "data": {"elements": null, "quick_replies": null, "buttons": null, "attachment": null, "image": null, "custom": null}}');
INSERT INTO "events" VALUES(158,'web-cf235b12f86f61c3e4d4ce4903df887e','bot',1.79579581733672595023e+09,NULL,NULL,'{"event": "bot", "timestamp": 1795795817.336726, "metadata": {"step": {"number": 1, "total": 8}, "model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "text": "**Steg 1 av 8**\n\nSt\u00e4ng ner webbl\u00e4saren.\n\nD\u00e5 syns inget f\u00f6nster fr\u00e5n webbl\u00e4saren.", "data": {"elements": null, "quick_replies": null, "buttons": [{"title": "Klart", "payload": "/next_step{\"guide_step\": \"afc13607.page_cannot_be_displayed.close_browser\"}"}, {"title": "Det gick inte", "payload": "/problem_persists{\"guide_step\": \"afc13607.page_cannot_be_displayed.close_browser\"}"}, {"title": "Hur g\u00f6r jag?", "payload": "/ask_how{\"guide_step\": \"afc13607.page_cannot_be_displayed.close_browser\"}"}, {"title": "Avbryt", "payload": "/stop{\"guide_step\": \"afc13607.page_cannot_be_displayed.close_browser\"}"}], "attachment": null, "image": null, "custom": null}}');
INSERT INTO "events" VALUES(159,'web-cf235b12f86f61c3e4d4ce4903df887e','slot',1.79579581733672785756e+09,NULL,'guide_run','{"event": "slot", "timestamp": 1795795817.3367279, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "guide_run", "value": {"id": "afc13607818e4c67b971d3b9dfbd9a43", "guide": "page_cannot_be_displayed", "version": "b893727a3c21", "asking": null, "helped": false, "paused": false, "reason": null, "target": null, "handed_off": false, "began": 1795795817.328691, "since": 1795795817.328691, "touched": 1795795817.328691, "shown": "9948d642", "path": [["page_cannot_be_displayed", "close_browser"]], "outcomes": [], "past": [], "facts": {}, "status": "active", "waits": {"move": null, "options": {}, "lacking": {"kortl\u00e4sare": ["kortlasare", "kortlasaren", "lasare", "smartkortlasare"], "SITHS-kort": ["siths-kort", "sithskort", "siths kort", "siths", "e-tjanstekort", "tjanstekort", "kort", "kortet"], "Net iD": ["net id", "netid", "net-id", "nettid"]}, "form": null, "kind": "do", "said": ["stangt webblasaren", "stangt ner webblasaren", "webblasaren ar stangd"]}}}');
INSERT INTO "events" VALUES(160,'web-cf235b12f86f61c3e4d4ce4903df887e','slot',1.79579581733673405647e+09,NULL,'guides_waiting','{"event": "slot", "timestamp": 1795795817.336734, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "guides_waiting", "value": null}');
INSERT INTO "events" VALUES(161,'web-cf235b12f86f61c3e4d4ce4903df887e','slot',1.79579581733673620223e+09,NULL,'tried','{"event": "slot", "timestamp": 1795795817.3367362, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "tried", "value": null}');
INSERT INTO "events" VALUES(162,'web-cf235b12f86f61c3e4d4ce4903df887e','action',1.79579581733843398096e+09,NULL,'action_listen','{"event": "action", "timestamp": 1795795817.338434, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "action_listen", "policy": "ShortRulePolicy", "confidence": 1.0, "action_text": null, "hide_rule_turn": true}');
INSERT INTO "events" VALUES(163,'web-cf235b12f86f61c3e4d4ce4903df887e','user',1.79579581735067486765e+09,'next_step',NULL,'{"event": "user", "timestamp": 1795795817.3506749, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "text": "/next_step{\"guide_step\": \"afc13607.page_cannot_be_displayed.close_browser\"}", "parse_data": {"intent": {"name": "next_step", "confidence": 1.0}, "entities": [{"entity": "guide_step", "value": "afc13607.page_cannot_be_displayed.close_browser", "start": 10, "end": 75, "extractor": "RegexMessageHandler"}], "text": "/next_step{\"guide_step\": \"afc13607.page_cannot_be_displayed.close_browser\"}", "message_id": "c2f540cf3f924e24b64aebf516b7f9b1", "metadata": {}, "intent_ranking": [{"name": "next_step", "confidence": 1.0}]}, "input_channel": "web", "message_id": "c2f540cf3f924e24b64aebf516b7f9b1"}');
INSERT INTO "events" VALUES(164,'web-cf235b12f86f61c3e4d4ce4903df887e','user_featurization',1.79579581735699605939e+09,NULL,NULL,'{"event": "user_featurization", "timestamp": 1795795817.356996, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "use_text_for_featurization": false}');
INSERT INTO "events" VALUES(165,'web-cf235b12f86f61c3e4d4ce4903df887e','action',1.79579581735701394084e+09,NULL,'action_guide_reply','{"event": "action", "timestamp": 1795795817.357014, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "action_guide_reply", "policy": "ShortRulePolicy", "confidence": 1.0, "action_text": null, "hide_rule_turn": true}');
INSERT INTO "events" VALUES(166,'web-cf235b12f86f61c3e4d4ce4903df887e','bot',1.79579581735711717605e+09,NULL,NULL,'{"event": "bot", "timestamp": 1795795817.3571172, "metadata": {"step": {"number": 2, "total": 8}, "model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "text": "**Steg 2 av 8**\n\nTa ut SITHS-kortet/e-tj\u00e4nstekortet.\n\nD\u00e5 \u00e4r kortet helt ute ur kortl\u00e4saren.", "data": {"elements": null, "quick_replies": null, "buttons": [{"title": "Klart", "payload": "/next_step{\"guide_step\": \"afc13607.page_cannot_be_displayed.take_out_card\"}"}, {"title": "Det gick inte", "payload": "/problem_persists{\"guide_step\": \"afc13607.page_cannot_be_displayed.take_out_card\"}"}, {"title": "Tillbaka", "payload": "/go_back{\"guide_step\": \"afc13607.page_cannot_be_displayed.take_out_card\"}"}, {"title": "Avbryt", "payload": "/stop{\"guide_step\": \"afc13607.page_cannot_be_displayed.take_out_card\"}"}], "attachment": null, "image": null, "custom": null}}');
INSERT INTO "events" VALUES(167,'web-cf235b12f86f61c3e4d4ce4903df887e','slot',1.79579581735712075227e+09,NULL,'guide_run','{"event": "slot", "timestamp": 1795795817.3571208, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "guide_run", "value": {"id": "afc13607818e4c67b971d3b9dfbd9a43", "guide": "page_cannot_be_displayed", "version": "b893727a3c21", "asking": null, "helped": false, "paused": false, "reason": null, "target": null, "handed_off": false, "began": 1795795817.328691, "since": 1795795817.3535335, "touched": 1795795817.3535335, "shown": "51e466c7", "path": [["page_cannot_be_displayed", "take_out_card"]], "outcomes": [{"guide": "page_cannot_be_displayed", "step": "close_browser", "outcome": "done", "seconds": 0.0, "value": ""}], "past": [[[["page_cannot_be_displayed", "close_browser"]], 0, null]], "facts": {}, "status": "active", "waits": {"move": null, "options": {}, "lacking": {"kortl\u00e4sare": ["kortlasare", "kortlasaren", "lasare", "smartkortlasare"], "SITHS-kort": ["siths-kort", "sithskort", "siths kort", "siths", "e-tjanstekort", "tjanstekort", "kort", "kortet"], "Net iD": ["net id", "netid", "net-id", "nettid"]}, "form": null, "kind": "do", "said": ["tagit ut kortet", "kortet ar ute", "dragit ut kortet"]}}}');
INSERT INTO "events" VALUES(168,'web-cf235b12f86f61c3e4d4ce4903df887e','slot',1.79579581735712647439e+09,NULL,'guides_waiting','{"event": "slot", "timestamp": 1795795817.3571265, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "guides_waiting", "value": null}');
INSERT INTO "events" VALUES(169,'web-cf235b12f86f61c3e4d4ce4903df887e','slot',1.79579581735712838171e+09,NULL,'tried','{"event": "slot", "timestamp": 1795795817.3571284, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "tried", "value": null}');
INSERT INTO "events" VALUES(170,'web-cf235b12f86f61c3e4d4ce4903df887e','action',1.79579581735827445987e+09,NULL,'action_listen','{"event": "action", "timestamp": 1795795817.3582745, "metadata": {"model_id": "5d983b42784b42818e6b45e317d0d2a7", "assistant_id": "lotsen"}, "name": "action_listen", "policy": "ShortRulePolicy", "confidence": 1.0, "action_text": null, "hide_rule_turn": true}');
CREATE TABLE feedback (
	conversation VARCHAR(255) NOT NULL, 
	message INTEGER NOT NULL, 
	answer VARCHAR(100) NOT NULL, 
	rating VARCHAR(4) NOT NULL, 
	comment TEXT NOT NULL, 
	created DATETIME NOT NULL, 
	PRIMARY KEY (conversation, message)
);
INSERT INTO "feedback" VALUES('web-8d88989b3db9ee0316c739280a7c5955',3,'resident_fee','up','','2026-11-27 16:10:15.408818');
CREATE TABLE guide_runs (
	id VARCHAR(64) NOT NULL, 
	conversation VARCHAR(255) NOT NULL, 
	channel VARCHAR(40) NOT NULL, 
	guide VARCHAR(80) NOT NULL, 
	version VARCHAR(20) NOT NULL, 
	status VARCHAR(20) NOT NULL, 
	began DATETIME NOT NULL, 
	touched DATETIME NOT NULL, 
	ended DATETIME, 
	handed_off BOOLEAN NOT NULL, 
	body TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "guide_runs" VALUES('afc13607818e4c67b971d3b9dfbd9a43','web-cf235b12f86f61c3e4d4ce4903df887e','web','page_cannot_be_displayed','b893727a3c21','active','2026-11-27 16:10:17.328691','2026-11-27 16:10:17.353534',NULL,0,'{"outcomes": [{"guide": "page_cannot_be_displayed", "step": "close_browser", "outcome": "done", "seconds": 0.0, "value": ""}], "place": ["page_cannot_be_displayed", "take_out_card"], "reason": null, "facts": {}}');
CREATE TABLE guide_timers (
	conversation VARCHAR(255) NOT NULL, 
	channel VARCHAR(40) NOT NULL, 
	due FLOAT NOT NULL, 
	tries INTEGER NOT NULL, 
	PRIMARY KEY (conversation)
);
CREATE TABLE notice_told (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	notice INTEGER NOT NULL, 
	conversation VARCHAR(255) NOT NULL, 
	channel VARCHAR(40) NOT NULL, 
	told DATETIME NOT NULL, 
	over_at DATETIME, 
	tries INTEGER NOT NULL, 
	UNIQUE (notice, conversation)
);
CREATE TABLE notices (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	kind VARCHAR(80) NOT NULL, 
	source VARCHAR(20) NOT NULL, 
	text TEXT NOT NULL, 
	created DATETIME NOT NULL, 
	ends DATETIME NOT NULL, 
	lifted DATETIME, 
	lead INTEGER, 
	current VARCHAR(80), 
	UNIQUE (current)
);
INSERT INTO "notices" VALUES(1,'sleep_diary_not_saved','operator','','2026-11-27 16:10:17.590478','2027-10-27 00:10:17.590448',NULL,NULL,'sleep_diary_not_saved');
CREATE TABLE outbox (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	case_id INTEGER NOT NULL, 
	desk VARCHAR(40) NOT NULL, 
	text TEXT NOT NULL, 
	state VARCHAR(20) NOT NULL, 
	attempts INTEGER NOT NULL, 
	doubtful BOOLEAN NOT NULL, 
	due DATETIME NOT NULL, 
	error TEXT NOT NULL, 
	ref VARCHAR(255) NOT NULL, 
	number VARCHAR(255) NOT NULL, 
	url TEXT NOT NULL, 
	delivered DATETIME, 
	mark VARCHAR(255) NOT NULL, 
	UNIQUE (case_id, desk)
);
INSERT INTO "outbox" VALUES(1,1,'webhook','Problem: Fönstret blir vitt när jag öppnar ett formulär
Till: IT kundservice
Prioritet: Brådskande (en patient väntar)
Nås på: svar i chatten

Samtalet med chattroboten:
2026-11-27 17:10 Lotsen: Hej! Jag är Lotsen, en chattrobot för dig som arbetar med Stöd och behandling.
    - Jag svarar på vanliga frågor.
    - Jag går igenom tekniska problem med dig, ett steg i taget.
    - Är felet kvar skickar jag ett ärende till IT kundservice, med det du redan har provat.
    Skriv inga personuppgifter här, varken dina egna eller någon patients. Vad gäller det?
2026-11-27 17:10 Användaren: jag vill prata med en människa
2026-11-27 17:10 Lotsen: Jag hjälper dig att skicka ett ärende till IT kundservice. Är det bråttom kan du ringa IT kundservice på 14141. Du kan också göra ärendet själv i Tjänstekatalogen.
2026-11-27 17:10 Lotsen: Vem har problemet?
2026-11-27 17:10 Användaren: En patient väntar på mig
2026-11-27 17:10 Lotsen: Vad är problemet? Skriv kort vad som händer och vad som står på skärmen. Skriv inga personuppgifter.
2026-11-27 17:10 Användaren: Fönstret blir vitt när jag öppnar ett formulär
2026-11-27 17:10 Lotsen: Hur når IT kundservice dig? Skriv telefonnummer eller e-post, och gärna ditt namn och din enhet. Du kan också få svaret här i chatten.
2026-11-27 17:10 Användaren: Svara här i chatten
2026-11-27 17:10 Användaren: Ja, skicka','delivered',1,0,'2026-11-27 16:12:16.275910','','case-1','ARENDE-1','https://desk.example.se/case-1','2026-11-27 16:10:16.284175','');
INSERT INTO "outbox" VALUES(2,2,'webhook','Problem: Listan med mina deltagare är tom
Till: IT kundservice
Prioritet: Normal
Nås på: svar i chatten

Samtalet med chattroboten:
2026-11-27 17:10 Lotsen: Hej! Jag är Lotsen, en chattrobot för dig som arbetar med Stöd och behandling.
    - Jag svarar på vanliga frågor.
    - Jag går igenom tekniska problem med dig, ett steg i taget.
    - Är felet kvar skickar jag ett ärende till IT kundservice, med det du redan har provat.
    Skriv inga personuppgifter här, varken dina egna eller någon patients. Vad gäller det?
2026-11-27 17:10 Användaren: jag vill prata med en människa
2026-11-27 17:10 Lotsen: Jag hjälper dig att skicka ett ärende till IT kundservice. Är det bråttom kan du ringa IT kundservice på 14141. Du kan också göra ärendet själv i Tjänstekatalogen.
2026-11-27 17:10 Lotsen: Vem har problemet?
2026-11-27 17:10 Användaren: Jag eller en kollega
2026-11-27 17:10 Lotsen: Vad är problemet? Skriv kort vad som händer och vad som står på skärmen. Skriv inga personuppgifter.
2026-11-27 17:10 Användaren: Listan med mina deltagare är tom
2026-11-27 17:10 Lotsen: Hur når IT kundservice dig? Skriv telefonnummer eller e-post, och gärna ditt namn och din enhet. Du kan också få svaret här i chatten.
2026-11-27 17:10 Användaren: Svara här i chatten
2026-11-27 17:10 Användaren: Ja, skicka','waiting',1,0,'2026-11-27 16:10:20.005422','127.0.0.1 cannot be reached: ClientConnectorError','','','',NULL,'');
CREATE TABLE resume_codes (
	conversation VARCHAR(255) NOT NULL, 
	hash VARCHAR(64) NOT NULL, 
	expires FLOAT NOT NULL, 
	PRIMARY KEY (conversation)
);
INSERT INTO "resume_codes" VALUES('web-cf235b12f86f61c3e4d4ce4903df887e','cbe184d0f8fc9b2f01c99f5859ccba826e804c5ec763072c0b225d29ff372f6e',1.79605501733121728901e+09);
CREATE TABLE teams_conversations (
	conversation VARCHAR(255) NOT NULL, 
	tenant VARCHAR(40) NOT NULL, 
	service VARCHAR(500) NOT NULL, 
	teams_conversation VARCHAR(500) NOT NULL, 
	user VARCHAR(500) NOT NULL, 
	bot VARCHAR(500) NOT NULL, 
	gone BOOLEAN NOT NULL, 
	told INTEGER NOT NULL, 
	tries INTEGER NOT NULL, 
	due FLOAT, 
	leased FLOAT NOT NULL, 
	holder VARCHAR(32), 
	PRIMARY KEY (conversation)
);
CREATE INDEX cases_live ON cases (live, due, id, category, guide, unit, channel);
CREATE INDEX cases_mine ON cases (assignee, live, due, id, category, guide, unit, channel);
CREATE INDEX cases_changed ON cases (lane, changed, id, category, guide, unit, channel);
CREATE INDEX cases_category ON cases (category, live, id);
CREATE INDEX ix_cases_parent ON cases (parent);
CREATE INDEX cases_lane ON cases (lane, due, id, category, guide, unit, channel);
CREATE INDEX ix_cases_conversation ON cases (conversation);
CREATE INDEX ix_cases_merged_into ON cases (merged_into);
CREATE INDEX ix_cases_created ON cases (created);
CREATE INDEX ix_cases_notice ON cases (notice);
CREATE INDEX case_words_case ON case_words (case_id, word);
CREATE INDEX outbox_ref ON outbox (desk, ref);
CREATE INDEX outbox_due ON outbox (desk, state, due);
CREATE INDEX ix_case_events_case_id ON case_events (case_id);
CREATE INDEX case_events_kind ON case_events (kind, at);
CREATE INDEX case_events_to_tell ON case_events (channel, tell_at);
CREATE INDEX audit_log_case ON audit_log (case_id, id);
CREATE INDEX audit_log_action ON audit_log (action, id);
CREATE TRIGGER audit_log_no_update BEFORE UPDATE ON audit_log 
    BEGIN SELECT RAISE(ABORT, 'the audit log is only appended to'); END;
CREATE TRIGGER audit_log_no_delete BEFORE DELETE ON audit_log 
    BEGIN SELECT RAISE(ABORT, 'the audit log is only appended to'); END;
CREATE TRIGGER audit_head_no_delete BEFORE DELETE ON audit_head 
    BEGIN SELECT RAISE(ABORT, 'the audit log is only appended to'); END;
CREATE TRIGGER audit_head_only_grows BEFORE UPDATE ON audit_head WHEN NEW.entry < OLD.entry
    BEGIN SELECT RAISE(ABORT, 'the audit log is only appended to'); END;
CREATE TRIGGER audit_log_no_replace BEFORE INSERT ON audit_log WHEN EXISTS (SELECT 1 FROM audit_log WHERE id = NEW.id OR previous = NEW.previous OR hash = NEW.hash)
    BEGIN SELECT RAISE(ABORT, 'the audit log is only appended to'); END;
CREATE TRIGGER audit_head_no_replace BEFORE INSERT ON audit_head WHEN EXISTS (SELECT 1 FROM audit_head)
    BEGIN SELECT RAISE(ABORT, 'the audit log is only appended to'); END;
CREATE INDEX ix_desk_sessions_who ON desk_sessions (who);
CREATE UNIQUE INDEX chat_messages_in_order ON chat_messages (conversation, number);
CREATE INDEX chat_turns_of ON chat_turns (conversation);
CREATE INDEX ix_chat_conversations_began ON chat_conversations (began);
CREATE INDEX ix_teams_conversations_due ON teams_conversations (due);
CREATE INDEX ix_desk_lines_touched ON desk_lines (touched);
CREATE INDEX ix_notices_kind ON notices (kind);
CREATE INDEX ix_notice_told_conversation ON notice_told (conversation);
CREATE INDEX notice_told_over ON notice_told (channel, over_at);
CREATE INDEX guide_runs_open ON guide_runs (status, touched);
CREATE INDEX guide_runs_of ON guide_runs (guide, began);
CREATE INDEX ix_guide_runs_conversation ON guide_runs (conversation);
CREATE INDEX feedback_created ON feedback (created);
CREATE INDEX ix_desk_guesses_last ON desk_guesses (last);
CREATE INDEX ix_resume_codes_hash ON resume_codes (hash);
CREATE INDEX guide_timers_due ON guide_timers (channel, due);
CREATE INDEX asked_of ON asked (conversation, id);
CREATE INDEX asked_words ON asked (words);
CREATE INDEX asked_at ON asked (at, id);
CREATE INDEX ix_events_sender_id ON events (sender_id);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('chat_turns',19);
INSERT INTO "sqlite_sequence" VALUES('chat_messages',38);
INSERT INTO "sqlite_sequence" VALUES('asked',6);
INSERT INTO "sqlite_sequence" VALUES('cases',2);
INSERT INTO "sqlite_sequence" VALUES('case_events',10);
INSERT INTO "sqlite_sequence" VALUES('outbox',2);
INSERT INTO "sqlite_sequence" VALUES('notices',1);
COMMIT;
