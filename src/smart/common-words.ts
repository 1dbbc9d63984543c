/**
 * Words that passwords are made of: the common ones of published lists, in English and Norwegian, and those that lie near
 * in a hospital. Lower case; a password that is one or more of them with digits and signs around is refused.
 */
const TEXT = `
password passord passordet passwd pass word velkommen welcome hello hei heihei hallo hemmelig hemmelighet secret letmein
login logginn logg inn admin administrator administrasjon root user bruker test tester testing demo guest gjest changeme
endre endremeg bytt byttmeg default temp midlertidig ny nytt new first forste start open sesame access tilgang master
qwerty qwertyui qwertyuiop azerty asdf asdfgh asdfghjkl zxcv zxcvbn zxcvbnm qaz wsx edc rfv abc abcd abcde abcdef
abcdefgh iloveyou jegelskerdeg elsker elskerdeg love lover kjaerlighet kjærlighet kjære kjære mamma pappa baby babygirl
princess prinsesse prins dronning konge king queen dragon drage monkey ape tiger lion løve panter panther bjorn bjørn ulv
hund katt hest dog cat horse kanin pus pusen fluffy buster charlie bella luna molly milo leo emma nora sofie sara maja
ella ingrid emilie anna ida thea amalie olivia sofia oscar oskar lucas jakob emil william noah henrik magnus filip
mathias kristian christian andreas martin jonas thomas michael daniel alexander robert anders lars ole per kari knut
football fotball soccer handball håndball ski skiing hockey baseball basketball golf sport trening liverpool arsenal
chelsea manchester united city everton tottenham barcelona real madrid milan rosenborg brann vålerenga valerenga molde
viking bodo bodø glimt tromso tromsø oslo bergen trondheim stavanger drammen kristiansand fredrikstad norge norway
norsk noreg norwegian helse helsenord helsevest helsemidt helsesorost sykehus sykehuset hospital hospitalet klinikk
klinikken lege legen sykepleier nurse doctor doktor pasient pasienten patient register registeret ryggrad smerte rygg
nakke hjerte kreft avdeling poliklinikk ous haukeland ullevål ulleval rikshospitalet ahus unn stolav
summer sommer sommeren winter vinter vinteren spring vår våren var autumn høst høsten host jul julen christmas paske
påske ferie ferien holiday januar februar mars april mai juni juli august september oktober november desember january
february march may june july october december mandag tirsdag onsdag torsdag fredag lørdag lordag søndag sondag monday
tuesday wednesday thursday friday saturday sunday dag uke måned år helg weekend sol sola solskinn sunshine sun moon
måne stjerne star stars snø sno snow regn rain fjell hav sjø sjo skog foss elv blomst flower flowers rose roser jordbær
rød rod red blå bla blue grønn gronn green gul yellow svart black hvit white rosa pink lilla purple orange gull gold
sølv solv silver superman batman spiderman starwars pokemon minecraft fortnite naruto harrypotter computer datamaskin
internet internett windows microsoft google apple samsung iphone android facebook linkedin office excel server database
shadow ninja killer hunter ranger soldier warrior wizard magic trustno freedom frihet peace fred happy glad lykke lucky
money penger cash kaffe coffee chocolate sjokolade cookie cheese ost pizza taco øl beer vodka whisky banana banan
whatever nothing ingenting kake hytte hytta huset hus hjem home bil car volvo toyota tesla bmw audi mercedes ford
mustang ferrari porsche harley yamaha jordan nike adidas the and og er jeg du vi min mitt din ditt my your i a is it
xxx zzz aaa bbb ooo sss eee one two three en to tre fire fem seks sju syv åtte atte ni ti
`;

export const COMMON_WORDS: readonly string[] = [...new Set(TEXT.trim().split(/\s+/))];
