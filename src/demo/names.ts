import { folded } from '../person/text.ts'

/** Where somebody is at home: a place with its language and the way it writes names. */
export interface Home {
  readonly locale: string
  readonly city: string
  readonly country: string
  /** ISO 3166-1 alpha-2. */
  readonly countryCode: string
  readonly timeZone: string
  /** What stands between the parts of a full name that begins with the family; absent: the given name begins. */
  readonly familyFirst?: '' | ' '
}

export interface Named {
  readonly given: string
  readonly family: string
  /** In Latin letters whatever the name is written in. */
  readonly userName: string
  readonly gender: 'female' | 'male' | 'other'
  readonly home: Home
}

/** A line is gender, given name, family name and, where they are not in Latin letters, the user name. */
function namedIn(home: Home, lines: string): Named[] {
  return lines
    .trim()
    .split('\n')
    .map((line) => {
      const [gender = '', given = '', family = '', userName] = line.trim().split('|')
      return {
        given,
        family,
        userName: userName ?? latinized(`${given}.${family}`),
        gender: gender === 'f' ? 'female' : gender === 'm' ? 'male' : 'other',
        home,
      }
    })
}

/** Letters that no decomposition makes a plain one of. */
const plain: Readonly<Record<string, string>> = {
  ł: 'l',
  ø: 'o',
  đ: 'd',
  ß: 'ss',
  ı: 'i',
  æ: 'ae',
  œ: 'oe',
  ð: 'd',
  þ: 'th',
}

const latinized = (name: string): string =>
  folded(name)
    .normalize('NFD')
    .replace(/[łøđßıæœðþ]/g, (letter) => plain[letter] ?? letter)
    .replace(/[^a-z.]/g, '')

export const london: Home = {
  locale: 'en-GB',
  city: 'London',
  country: 'United Kingdom',
  countryCode: 'GB',
  timeZone: 'Europe/London',
}

export const amsterdam: Home = {
  locale: 'nl-NL',
  city: 'Amsterdam',
  country: 'Netherlands',
  countryCode: 'NL',
  timeZone: 'Europe/Amsterdam',
}

/** 192 people of the first organization: 24 homes, twelve scripts. None is anybody in particular. */
export const staff: readonly Named[] = [
  ...namedIn(
    london,
    `f|Harriet|Ashdown
     m|Oliver|Penhaligon
     f|Imogen|Fairweather
     m|Rhys|Llewelyn
     f|Siân|Cadwallader
     m|Callum|MacAskill
     x|Robin|Thistlewood
     f|Zoë|Brontë-Marsh`,
  ),
  ...namedIn(
    {
      locale: 'en-US',
      city: 'Washington, D.C.',
      country: 'United States',
      countryCode: 'US',
      timeZone: 'America/New_York',
    },
    `f|Dorothea|Kingsolver
     m|Marcus|Whitfield
     f|Lakeisha|Broussard
     m|Theodore|Nakamura-Hill
     f|Renée|Delacroix
     m|José|Villaseñor
     x|Quinn|Hathaway
     m|Elijah|Two Rivers|elijah.tworivers`,
  ),
  ...namedIn(
    amsterdam,
    `f|Sanne|van der Heijden
     m|Joris|de Vries
     f|Maaike|Oosterhuis
     m|Thijs|van 't Hof
     f|Noëlle|Dijkstra
     m|Daniël|Ruijtenberg
     f|Fenna|Hoekstra
     m|Jurriën|Brouwer`,
  ),
  ...namedIn(
    {
      locale: 'fr-FR',
      city: 'Lyon',
      country: 'France',
      countryCode: 'FR',
      timeZone: 'Europe/Paris',
    },
    `f|Amélie|Lefèvre
     m|François|Côté-Marchand
     f|Hélène|Beauséjour
     m|Loïc|Le Goff
     f|Inès|Bénard
     m|Jérôme|Dufrêne
     f|Maëlys|Châtelain
     m|Théo|Garçonnet`,
  ),
  ...namedIn(
    {
      locale: 'de-DE',
      city: 'Berlin',
      country: 'Germany',
      countryCode: 'DE',
      timeZone: 'Europe/Berlin',
    },
    `f|Käthe|Großmann
     m|Jürgen|Weißhaupt
     f|Friederike|Lüdtke
     m|Björn|Schönfeld
     f|Anneliese|Vogt
     m|Matthäus|Krämer
     f|Ülkü|Yıldız-Braun
     m|Götz|Fährmann`,
  ),
  ...namedIn(
    {
      locale: 'es-ES',
      city: 'Sevilla',
      country: 'Spain',
      countryCode: 'ES',
      timeZone: 'Europe/Madrid',
    },
    `f|Begoña|Muñoz Ibáñez|begona.munoz
     m|Íñigo|Etxeberria
     f|Lucía|Fernández Cano|lucia.fernandez
     m|Álvaro|Quiñones
     f|Núria|Puigdollers
     m|Andrés|Peña Solís|andres.pena
     f|Rocío|Zúñiga
     m|Martín|Gallardo`,
  ),
  ...namedIn(
    {
      locale: 'sv-SE',
      city: 'Stockholm',
      country: 'Sweden',
      countryCode: 'SE',
      timeZone: 'Europe/Stockholm',
    },
    `f|Åsa|Lindström
     m|Göran|Sjöberg
     f|Märta|Öhman
     m|Håkan|Nyström
     f|Linnéa|Ekström
     m|Sören|Ångman
     f|Ylva|Hägglund
     m|Mikael|Strömqvist`,
  ),
  ...namedIn(
    {
      locale: 'pl-PL',
      city: 'Kraków',
      country: 'Poland',
      countryCode: 'PL',
      timeZone: 'Europe/Warsaw',
    },
    `f|Małgorzata|Wiśniewska
     m|Łukasz|Jabłoński
     f|Żaneta|Kowalczyk
     m|Paweł|Dąbrowski
     f|Agnieszka|Zając
     m|Michał|Gołębiewski
     f|Zofia|Śliwińska
     m|Stanisław|Brzęczyszczykiewicz`,
  ),
  ...namedIn(
    {
      locale: 'cs-CZ',
      city: 'Brno',
      country: 'Czechia',
      countryCode: 'CZ',
      timeZone: 'Europe/Prague',
    },
    `f|Tereza|Dvořáková
     m|Jiří|Šťastný
     f|Kateřina|Růžičková
     m|Ondřej|Čapek
     f|Markéta|Říhová
     m|Vojtěch|Němeček
     f|Žofie|Křížová
     m|Luboš|Havránek`,
  ),
  ...namedIn(
    {
      locale: 'hu-HU',
      city: 'Budapest',
      country: 'Hungary',
      countryCode: 'HU',
      timeZone: 'Europe/Budapest',
      familyFirst: ' ',
    },
    `f|Eszter|Szűcs
     m|György|Kőszegi
     f|Ágnes|Mészáros
     m|László|Fehérvári
     f|Zsófia|Hegedűs
     m|Balázs|Ördög
     f|Réka|Gyöngyösi
     m|Ádám|Vörösmarti`,
  ),
  ...namedIn(
    {
      locale: 'is-IS',
      city: 'Reykjavík',
      country: 'Iceland',
      countryCode: 'IS',
      timeZone: 'Atlantic/Reykjavik',
    },
    `f|Guðrún|Þórisdóttir
     m|Jón|Ævarsson
     f|Sólveig|Hjálmarsdóttir
     m|Þorsteinn|Einarsson
     f|Ásdís|Örvarsdóttir
     m|Sigurður|Bjarnason
     f|Hrafnhildur|Kjartansdóttir
     m|Ólafur|Magnússon`,
  ),
  ...namedIn(
    {
      locale: 'tr-TR',
      city: 'İzmir',
      country: 'Türkiye',
      countryCode: 'TR',
      timeZone: 'Europe/Istanbul',
    },
    `f|Ayşe|Yılmaz
     m|Çağrı|Öztürk
     f|Gülşen|Kılıç
     m|Barış|Şimşek
     f|Işıl|Doğan
     m|Ömer|Çelikkol
     f|Özge|Taşkın
     m|Tuğrul|Güneş`,
  ),
  ...namedIn(
    {
      locale: 'vi-VN',
      city: 'Đà Nẵng',
      country: 'Vietnam',
      countryCode: 'VN',
      timeZone: 'Asia/Ho_Chi_Minh',
      familyFirst: ' ',
    },
    `f|Thị Hương|Nguyễn|huong.nguyen
     m|Quốc Bảo|Trần|bao.tran
     f|Ngọc Ánh|Lê|anh.le
     m|Đức Thắng|Phạm|thang.pham
     f|Bích Thủy|Đặng|thuy.dang
     m|Hữu Nghĩa|Vũ|nghia.vu
     f|Mỹ Duyên|Bùi|duyen.bui
     m|Xuân Trường|Đỗ|truong.do`,
  ),
  ...namedIn(
    {
      locale: 'pt-BR',
      city: 'São Paulo',
      country: 'Brazil',
      countryCode: 'BR',
      timeZone: 'America/Sao_Paulo',
    },
    `f|Conceição|Magalhães
     m|João|Guimarães
     f|Luíza|Simões
     m|Caíque|Araújo
     f|Antônia|Falcão
     m|Sebastião|Brandão
     f|Flávia|Assunção
     x|Ariel|Conceição Neves|ariel.neves`,
  ),
  ...namedIn(
    {
      locale: 'en-NG',
      city: 'Lagos',
      country: 'Nigeria',
      countryCode: 'NG',
      timeZone: 'Africa/Lagos',
    },
    `f|Ọmọlará|Adéyẹmí
     m|Olúwaṣeun|Bámgbóṣé
     f|Ngọzi|Nwachukwu
     m|Chukwuemeka|Ọkọrọ
     f|Títílayọ̀|Ògúnlékè
     m|Babátúndé|Ṣówándé
     f|Ìfẹ́olúwa|Akíntọ́lá
     m|Uche|Ezeọnụ`,
  ),
  ...namedIn(
    {
      locale: 'el-GR',
      city: 'Athens',
      country: 'Greece',
      countryCode: 'GR',
      timeZone: 'Europe/Athens',
    },
    `f|Ελένη|Παπαδοπούλου|eleni.papadopoulou
     m|Γιώργος|Κωνσταντινίδης|giorgos.konstantinidis
     f|Δήμητρα|Αλεξίου|dimitra.alexiou
     m|Νικόλαος|Σταματόπουλος|nikolaos.stamatopoulos
     f|Ιφιγένεια|Βασιλείου|ifigeneia.vasileiou
     m|Οδυσσέας|Μαυρίδης|odysseas.mavridis
     f|Χρυσούλα|Γεωργίου|chrysoula.georgiou
     m|Σπύρος|Ανδρεάδης|spyros.andreadis`,
  ),
  ...namedIn(
    {
      locale: 'uk-UA',
      city: 'Lviv',
      country: 'Ukraine',
      countryCode: 'UA',
      timeZone: 'Europe/Kyiv',
    },
    `f|Оксана|Ковальчук|oksana.kovalchuk
     m|Тарас|Мельниченко|taras.melnychenko
     f|Соломія|Гриценко|solomiia.hrytsenko
     m|Юрій|Бондаренко|yurii.bondarenko
     f|Ярослава|Їжакевич|yaroslava.yizhakevych
     m|Євген|Щербак|yevhen.shcherbak
     f|Любов|Лисенко|liubov.lysenko
     m|Остап|Ґудзь|ostap.gudz`,
  ),
  ...namedIn(
    {
      locale: 'ar-EG',
      city: 'Cairo',
      country: 'Egypt',
      countryCode: 'EG',
      timeZone: 'Africa/Cairo',
    },
    `f|ليلى|منصور|layla.mansour
     m|يوسف|الشريف|youssef.elsherif
     f|فاطمة|عبد الرحمن|fatma.abdelrahman
     m|عمر|النجار|omar.elnaggar
     f|نورهان|حسني|nourhan.hosny
     m|طارق|بدوي|tarek.badawy
     f|هبة|الغزالي|heba.elghazaly
     m|كريم|سليمان|karim.soliman`,
  ),
  ...namedIn(
    {
      locale: 'he-IL',
      city: 'Haifa',
      country: 'Israel',
      countryCode: 'IL',
      timeZone: 'Asia/Jerusalem',
    },
    `f|נועה|בן־דוד|noa.bendavid
     m|איתן|שפירא|eitan.shapira
     f|יעל|מזרחי|yael.mizrahi
     m|אורי|אברמוביץ׳|uri.abramovich
     f|תמר|גולן|tamar.golan
     m|עמית|רוזנברג|amit.rosenberg
     f|שירה|כץ|shira.katz
     x|ליאור|חדד|lior.hadad`,
  ),
  ...namedIn(
    {
      locale: 'hi-IN',
      city: 'Pune',
      country: 'India',
      countryCode: 'IN',
      timeZone: 'Asia/Kolkata',
    },
    `f|प्रिया|शर्मा|priya.sharma
     m|अर्जुन|कुलकर्णी|arjun.kulkarni
     f|अनन्या|देशपांडे|ananya.deshpande
     m|विक्रम|चौधरी|vikram.chaudhary
     f|मीनाक्षी|त्रिपाठी|meenakshi.tripathi
     m|रोहन|जोशी|rohan.joshi
     f|सुनीता|पाटिल|sunita.patil
     m|हर्षवर्धन|मिश्रा|harshvardhan.mishra`,
  ),
  ...namedIn(
    {
      locale: 'zh-CN',
      city: 'Shanghai',
      country: 'China',
      countryCode: 'CN',
      timeZone: 'Asia/Shanghai',
      familyFirst: '',
    },
    `f|晓雯|王|xiaowen.wang
     m|志强|李|zhiqiang.li
     f|雨桐|欧阳|yutong.ouyang
     m|建国|陈|jianguo.chen
     f|思颖|赵|siying.zhao
     m|浩然|周|haoran.zhou
     f|梦洁|黄|mengjie.huang
     m|子轩|徐|zixuan.xu`,
  ),
  ...namedIn(
    {
      locale: 'ja-JP',
      city: 'Osaka',
      country: 'Japan',
      countryCode: 'JP',
      timeZone: 'Asia/Tokyo',
      familyFirst: ' ',
    },
    `f|さくら|佐藤|sakura.sato
     m|健太郎|山本|kentaro.yamamoto
     f|美咲|渡邉|misaki.watanabe
     m|大輔|髙橋|daisuke.takahashi
     f|陽子|小林|yoko.kobayashi
     m|翔太|伊藤|shota.ito
     f|ひかり|斎藤|hikari.saito
     m|龍之介|中島|ryunosuke.nakajima`,
  ),
  ...namedIn(
    {
      locale: 'ko-KR',
      city: 'Busan',
      country: 'South Korea',
      countryCode: 'KR',
      timeZone: 'Asia/Seoul',
      familyFirst: '',
    },
    `f|서연|김|seoyeon.kim
     m|민준|이|minjun.lee
     f|지우|박|jiwoo.park
     m|도현|최|dohyun.choi
     f|하은|정|haeun.jung
     m|시우|강|siwoo.kang
     f|유진|남궁|yujin.namgung
     m|준서|윤|junseo.yoon`,
  ),
  ...namedIn(
    {
      locale: 'th-TH',
      city: 'Chiang Mai',
      country: 'Thailand',
      countryCode: 'TH',
      timeZone: 'Asia/Bangkok',
    },
    `f|พิมพ์ชนก|ศรีสุวรรณ|pimchanok.srisuwan
     m|ธนากร|วงศ์สวัสดิ์|thanakorn.wongsawat
     f|กัญญา|แก้วมณี|kanya.kaewmanee
     m|ณัฐพล|จันทร์เพ็ญ|nattapon.chanpen`,
  ),
  ...namedIn(
    {
      locale: 'ka-GE',
      city: 'Tbilisi',
      country: 'Georgia',
      countryCode: 'GE',
      timeZone: 'Asia/Tbilisi',
    },
    `f|ნინო|ჯავახიშვილი|nino.javakhishvili
     m|გიორგი|ლომიძე|giorgi.lomidze
     f|თამარი|წერეთელი|tamari.tsereteli
     m|ლევან|ბერიძე|levan.beridze`,
  ),
]

const delft: Home = { ...amsterdam, city: 'Delft' }

/** 14 people of the second organization. */
export const neighbours: readonly Named[] = [
  ...namedIn(
    delft,
    `m|Willem|Hagedoorn
     f|Charlotte|Nieuwenhuis
     m|Björn|van Rijsbergen
     f|Elif|Karataş
     f|Renske|Postma
     f|Anaïs|Vermeulen
     m|Olav|Skårderud
     f|Мирослава|Петренко|myroslava.petrenko
     m|Σταύρος|Λαμπρίδης|stavros.lampridis
     x|小雨|林|xiaoyu.lin
     m|سامي|حداد|sami.haddad
     f|Danièle|Côme
     m|Şükrü|Aydın
     f|ศิริพร|ทองดี|siriporn.thongdee`,
  ),
]

/** People of the third organization, which manages the first. */
export const holders: readonly Named[] = namedIn(
  london,
  `f|Philippa|Northmoor
   m|Augustin|Reyes-Lindqvist
   f|Beatrix|Ó Dálaigh|beatrix.odalaigh
   m|Dmytro|Savchuk`,
)
